/**
 * What a plan of capacity is about: a scenario, or the bare name of a model with the lengths of a published mix.
 */
import * as Effect from "effect/Effect"
import { find, isUnknownName, namesOf, nearestNames } from "../catalog/index.ts"
import { scenarioFromData, type LoadedScenario } from "../scenario/index.ts"
import { publishedLengths } from "../serving/index.ts"
import { formatCount } from "../units/index.ts"
import { assignments, type CapacityOptions } from "./capacity-options.ts"
import { InputWrong, inputWrong } from "./failure.ts"
import { openedScenario, scenarioPath } from "./scenario-file.ts"

const isModel = (name: string): boolean => !isUnknownName(find("models", name))

/** A server of a model alone, with the lengths of a published mix of conversations. */
const usualMix = "azure-conv-2023"

const bareScenario = (name: string): { readonly data: unknown; readonly assumptions: readonly string[] } => {
  const model = find("models", name)
  const longest = isUnknownName(model) ? Infinity : model.maximumSequence
  const mix = publishedLengths[usualMix]!
  const [prompt, output] = [cut(mix.prompt, 0.75 * longest), cut(mix.output, 0.25 * longest)]
  const isCut = prompt.isCut || output.isCut
  return {
    data: {
      name,
      cluster: { system: "dgx-h100" },
      model: name,
      serving: { router: "least-requests" },
      workload: {
        arrivals: { poisson: { rate: 1 } },
        prompt: prompt.written,
        output: output.written
      }
    },
    assumptions: [
      `Prompts and answers are as long as those of Azure's conversations of 2023 (${usualMix})${isCut ? `, without those that are too long for the model's ${formatCount(longest)} tokens` : ""}; Poisson arrivals.`,
      "Requests go to the replica with the fewest; the software is vLLM with its defaults."
    ]
  }
}

type Lengths = (typeof publishedLengths)[string]["prompt"]

/** A published histogram without the bins beyond a limit. */
const cut = (lengths: Lengths, limit: number): { readonly written: unknown; readonly isCut: boolean } => {
  if (lengths.kind !== "histogram" || lengths.edges.at(-1)! <= limit)
    return {
      written: lengths.kind === "histogram" ? histogramOf(lengths.low, lengths.edges, lengths.weights) : {},
      isCut: false
    }
  const kept = lengths.edges.filter((edge) => edge <= limit).length
  return {
    written: histogramOf(lengths.low, lengths.edges.slice(0, kept), lengths.weights.slice(0, kept)),
    isCut: true
  }
}

const histogramOf = (min: number, edges: readonly number[], weights: readonly number[]) => ({
  histogram: { min, edges, weights }
})

/** Whether an argument means a model rather than a scenario: where it may be both, a load makes it a model to serve. */
export const meansModel = (argument: string, { load, models }: Pick<CapacityOptions, "load" | "models">): boolean => {
  const path = scenarioPath(argument)
  if (typeof path === "string" && path === argument) return false
  return isModel(argument) && (typeof path !== "string" || load !== undefined || models !== undefined)
}

export const openedModel = Effect.fn("openedModel")(function* (argument: string, set: readonly string[]) {
  const { data, assumptions } = bareScenario(argument)
  const loaded = scenarioFromData({ name: argument, data, set })
  return loaded._tag === "Refused" ? yield* inputWrong(loaded.issues) : { loaded, assumptions }
})

/** An argument that is neither a scenario nor a model. */
export const unknownTarget = (argument: string): InputWrong | undefined => {
  if (typeof scenarioPath(argument) === "string" || isModel(argument) || !/^[\w.-]{1,100}$/.test(argument))
    return undefined
  const near = nearestNames(argument, namesOf("models"))
  return near.length === 0
    ? undefined
    : new InputWrong({
        text: `there is no scenario and no model ${JSON.stringify(argument)}\n  expected a scenario file, a shipped scenario, or a name from \`windtunnel catalog models\`; did you mean ${near.join(", ")}?`
      })
}

/** The scenario that a plan is about; a name alone may be a model's. */
export const openedTarget = Effect.fn("openedTarget")(function* (
  argument: string,
  set: readonly string[],
  options: CapacityOptions
) {
  const all = [...set, ...assignments(options)]
  if (meansModel(argument, options)) return yield* openedModel(argument, all)
  const refused = unknownTarget(argument)
  if (refused !== undefined) return yield* refused
  const loaded: LoadedScenario = yield* openedScenario(argument, all)
  return { loaded, assumptions: [] as readonly string[] }
})
