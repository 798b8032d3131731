/**
 * Properties of the step model over servers drawn by lot.
 */
import { describe, expect, test } from "vitest"
import { makeStepModel, type StepLoad, type StepModel } from "../../src/inference/index.ts"
import { randomStream } from "../../src/random/index.ts"
import { servingStacks } from "../../src/catalog/index.ts"
import { decodeOf, promptsOf, targetOf, type Server } from "./targets.ts"

const stream = randomStream(20_250, "inference properties")
const pick = <T>(values: readonly T[]): T => {
  const value = values[Math.floor(stream() * values.length)]
  if (value === undefined) throw new Error("nothing to pick from")
  return value
}
const upTo = (most: number): number => 1 + Math.floor(stream() * most)

const layouts = [
  {},
  { tensor: 2 },
  { tensor: 8 },
  { pipeline: 2 },
  { tensor: 2, pipeline: 4 },
  { dataAttention: 4 },
  { dataAttention: 4, expert: 4 }
] as const

const server = (): Server => ({
  accelerator: pick([
    "a100-sxm-80gb",
    "h100-sxm",
    "h200-sxm",
    "b200-sxm",
    "l40s",
    "rtx-4090",
    "rtx-3090",
    "apple-m2-ultra"
  ]),
  model: pick([
    "llama-3-8b",
    "llama-3-70b",
    "bloom-560m",
    "mistral-7b",
    "falcon-7b",
    "mixtral-8x7b",
    "deepseek-v3",
    "gemma-2-9b"
  ]),
  stack: pick(servingStacks.map((stack) => stack.name)),
  layout: pick(layouts),
  precision: pick(["bf16", "fp8", "int8", "int4-awq", "q4_k_m", "nvfp4"]),
  keyValuePrecision: pick(["bf16", "fp8"])
})

const draws = Array.from({ length: 120 }, (_, index) => ({ index, server: server() }))

const total = (model: StepModel, load: StepLoad): number => {
  let sum = 0
  for (let stage = 0; stage < model.stages; stage++) sum += model.stageSeconds(stage, load)
  return sum
}

const named = (entry: string | { readonly name: string }): string => (typeof entry === "string" ? entry : entry.name)
const title = ({ accelerator, model, stack, layout, precision }: Server): string =>
  `${named(model)} in ${precision} on ${accelerator}, ${named(stack)}, ${JSON.stringify(layout)}`

test("a decode line is the stage's seconds to 1e-12, with windows and at the host's floor", () => {
  for (const { server } of draws) {
    const model = makeStepModel(targetOf(server))
    for (let trial = 0; trial < 5; trial++) {
      const decodes = upTo(300)
      const context = upTo(8000)
      const load = { ...decodeOf(decodes, context), decodeWindow: decodes * Math.min(context, 4096) }
      for (let stage = 0; stage < model.stages; stage++) {
        const line = model.decodeLine(stage, decodes)
        if (line === undefined) throw new Error(`no line: ${title(server)}`)
        const { floor, base, slope, windowSlope } = line
        const expected = Math.max(floor, base + slope * load.decodeContext + windowSlope * load.decodeWindow)
        expect(Math.abs(model.stageSeconds(stage, load) / expected - 1), title(server)).toBeLessThan(1e-12)
      }
    }
  }
})

test("the parts of a stage add up to its seconds", () => {
  for (const { server } of draws) {
    const model = makeStepModel(targetOf(server))
    for (const load of [decodeOf(upTo(64), upTo(4000)), promptsOf(upTo(4), upTo(2000))])
      for (let stage = 0; stage < model.stages; stage++) {
        const sum = model.parts(stage, load).reduce((all, part) => all + part.seconds, 0)
        expect(Math.abs(sum / model.stageSeconds(stage, load) - 1), title(server)).toBeLessThan(1e-9)
      }
  }
})

describe("no step is faster", () => {
  test("with more context", () => {
    for (const { server } of draws) {
      const model = makeStepModel(targetOf(server))
      const decodes = upTo(64)
      const context = upTo(4000)
      expect(total(model, decodeOf(decodes, 2 * context)), title(server)).toBeGreaterThanOrEqual(
        total(model, decodeOf(decodes, context))
      )
    }
  })

  test("with more sequences", () => {
    for (const { server } of draws) {
      const model = makeStepModel(targetOf(server))
      const decodes = upTo(200)
      expect(total(model, decodeOf(decodes + upTo(50), 500)), title(server)).toBeGreaterThanOrEqual(
        total(model, decodeOf(decodes, 500)) * (1 - 1e-12)
      )
    }
  })

  test("with a longer prompt", () => {
    for (const { server } of draws) {
      const model = makeStepModel(targetOf(server))
      const tokens = upTo(500)
      expect(total(model, promptsOf(1, 4 * tokens)), title(server)).toBeGreaterThan(total(model, promptsOf(1, tokens)))
    }
  })
})

test("over NVLink more ranks make the kernels of a large model faster, for decodes and prompts", () => {
  for (const accelerator of ["a100-sxm-80gb", "h100-sxm", "b200-sxm"]) {
    for (const load of [decodeOf(8, 1000), promptsOf(2, 2000)]) {
      const of = (tensor: number): number =>
        makeStepModel(
          targetOf({ accelerator, model: "llama-3-70b", stack: "vllm-v1", layout: { tensor } })
        ).stageSeconds(0, load)
      expect(of(2)).toBeLessThan(of(1))
      expect(of(4)).toBeLessThan(of(2))
      expect(of(8)).toBeLessThan(of(4))
    }
  }
})

test("narrower weights never make a decode of one sequence slower on hardware that multiplies them", () => {
  const of = (precision: string): number =>
    makeStepModel(
      targetOf({ accelerator: "b200-sxm", model: "llama-3-70b", stack: "vllm-v1", precision })
    ).stageSeconds(0, decodeOf(1, 100))
  expect(of("fp8")).toBeLessThan(of("bf16"))
  expect(of("nvfp4")).toBeLessThan(of("fp8"))
})
