/**
 * Servers for the tests: an accelerator in a box of up to 8 (16 where a test asks), a model, a stack.
 */
import {
  currentServingStack,
  find,
  isUnknownName,
  type Accelerator,
  type Model,
  type ServingStack
} from "../../src/catalog/index.ts"
import { makeFabric } from "../../src/cluster/index.ts"
import { makeStepLoad, type InferenceLayout, type InferenceTarget, type StepLoad } from "../../src/inference/index.ts"

export const acceleratorOf = (name: string): Accelerator => {
  const found = find("accelerators", name)
  if (isUnknownName(found)) throw new Error(`no accelerator ${name}`)
  return found
}

export const modelOf = (name: string): Model => {
  const found = find("models", name)
  if (isUnknownName(found)) throw new Error(`no model ${name}`)
  return found
}

export const stackOf = (name: string, version?: string): ServingStack => {
  const found = currentServingStack(name, version)
  if (found === undefined) throw new Error(`no stack ${name}`)
  return found
}

export interface Server extends Partial<
  Omit<InferenceTarget, "accelerator" | "model" | "stack" | "layout" | "fabric">
> {
  readonly accelerator: string
  readonly model: string | Model
  readonly stack: string | ServingStack
  readonly layout?: Partial<InferenceLayout>
}

/** A target with everything that a test does not say at its plainest. */
export const targetOf = ({ accelerator: name, model, stack, version, layout, ...rest }: Server): InferenceTarget => {
  const accelerator = acceleratorOf(name)
  const scaleUp = find("links", accelerator.scaleUp)
  if (isUnknownName(scaleUp)) throw new Error(`no link ${accelerator.scaleUp}`)
  const topology = accelerator.scaleUp.startsWith("nvlink") ? "switch" : "pcie"
  const served = typeof stack === "string" ? stackOf(stack, version) : stack
  return {
    accelerator,
    fabric: makeFabric({
      system: {
        name: "box",
        title: "box",
        accelerator: name,
        acceleratorsPerNode: 16,
        nodes: null,
        scaleUp: { link: scaleUp.name, domain: 16, topology },
        network: null,
        nodeWatts: 0,
        hostMemoryBytes: null,
        notes: [],
        sources: {}
      },
      accelerator,
      scaleUp,
      network: null,
      nodes: 1
    }),
    model: typeof model === "string" ? modelOf(model) : model,
    stack: served,
    version: served.version,
    layout: { tensor: 1, pipeline: 1, expert: 1, dataAttention: 1, ...layout },
    precision: "bf16",
    keyValuePrecision: "bf16",
    maximumSequence: 8192,
    maximumSequences: 256,
    maximumStepTokens: 8192,
    offload: null,
    expertImbalance: 1,
    profiles: [],
    ...rest
  }
}

/** `count` sequences that decode a token each, attending to `context` tokens each. */
export const decodeOf = (count: number, context: number): StepLoad => ({
  ...makeStepLoad(),
  decodes: count,
  decodeContext: count * context,
  decodeWindow: count * context,
  sampled: count
})

/** `count` whole prompts of `tokens` each. */
export const promptsOf = (count: number, tokens: number): StepLoad => ({
  ...makeStepLoad(),
  prefills: count,
  prefillTokens: count * tokens,
  prefillPairs: (count * tokens * (tokens + 1)) / 2,
  prefillContext: count * tokens,
  sampled: count
})
