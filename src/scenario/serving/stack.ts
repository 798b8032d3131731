/**
 * The serving software of a scenario: a stack of the catalogue at a version, or one with some of its properties or
 * constants replaced.
 */
import { currentServingStack, type ServingStack } from "../../catalog/index.ts"
import { named } from "../inline.ts"
import { show, type Finding, type Path } from "../issue.ts"
import { isFields, type Fields } from "../merge.ts"
import { changedBy, type Rules } from "../stack-changes.ts"
import { policies } from "../schema/serving.ts"

/** The software of a scenario that names none. */
export const usualStack = "vllm-v1"

const path: Path = ["serving", "stack"]
const expected = "a name from `windtunnel catalog serving-stacks`"

const isWhole = (value: unknown, least: number, most: number): boolean =>
  typeof value === "number" && Number.isInteger(value) && value >= least && value <= most

const whole = (least: number, most: number) => ({
  isValid: (value: unknown) => isWhole(value, least, most),
  expected: `a whole number from ${least} to ${most}`
})

const isGraphs = (value: unknown): boolean =>
  isFields(value) &&
  Object.keys(value).join() === "sizes" &&
  Array.isArray(value["sizes"]) &&
  value["sizes"].length <= 10_000 &&
  value["sizes"].every(
    (size: unknown, index, sizes: readonly unknown[]) =>
      isWhole(size, 1, 1e6) && (index === 0 || Number(size) > Number(sizes[index - 1]))
  )

/** Facts about the entry rather than about the software. */
export const fixedServingFields = ["sources", "name", "aliases", "version", "versions", "notes"]

const rules: Rules = {
  choices: {
    promptAttention: ["fused", "unfused"],
    sharesQueries: ["always", "regular", "narrow", "never", "expanded"],
    allReduce: ["nccl", "in-graph"],
    "batching.policy": policies
  },
  bounds: {
    "memory.utilisation": [0.01, 1],
    "memory.keyValueFactor": [0.01, 1000],
    "memory.loadBytesPerSecond": [1, 1e15],
    "batching.watermark": [0, 0.99],
    "batching.timeoutSeconds": [0, 1e6],
    "constants.kernelFactor": [1e-3, 1e6],
    "constants.computeFactor": [1e-3, 1e6],
    "constants.launchFactor": [0, 1e6],
    "constants.keyValueFactor": [1e-3, 1e6],
    "constants.scoreFactor": [0, 1e6],
    "constants.ungroupedShare": [1e-3, 1],
    "constants.gatherShare": [1e-3, 1],
    ...Object.fromEntries(
      [
        "sequenceSecondsPerLayer",
        "hostSecondsPerLayer",
        "hostSecondsPerStep",
        "hostSecondsPerSequence",
        "collectiveSeconds",
        "firstTokenSeconds",
        "hopSeconds",
        "linearSeconds"
      ].map((name) => [`constants.${name}`, [0, 1e6] as const])
    )
  },
  special: {
    graphs: { isValid: isGraphs, expected: "none, or { sizes: [...] } with ascending batch sizes", mayBeNone: true },
    promptPieceTokens: { ...whole(1, 1e8), expected: "none, or a whole number of tokens", mayBeNone: true },
    weightTraffic: {
      isValid: (value) =>
        isFields(value) &&
        Object.values(value).every((bytes) => typeof bytes === "number" && bytes >= 0 && bytes <= 1e6),
      expected: "a map from quantisations to bytes per parameter"
    },
    "batching.batchesInFlight": { isValid: (value) => value === 1 || value === "stages", expected: "1 or stages" },
    "batching.onSmaller": {
      isValid: () => false,
      expected: "none: the same sizes of a step on every card",
      mayBeNone: true
    },
    "batching.maximumSequences": whole(1, 1e6),
    "batching.maximumStepTokens": whole(1, 1e8),
    "batching.chunkTokens": whole(0, 1e8),
    "batching.blockTokens": whole(1, 1e6)
  },
  fixed: fixedServingFields
}

/** A stack of the catalogue at a version; default its newest. */
const stackAt = (name: string, version: string | undefined, where: Path): ServingStack | readonly Finding[] => {
  const found = named("serving-stacks", name, where)
  return "name" in found ? (currentServingStack(found.name, version) ?? found) : found
}

export const servingStackOf = (
  written: string | Fields = usualStack,
  version?: string
): ServingStack | readonly Finding[] => {
  if (version !== undefined && !/^v?\d[\w.+-]{0,39}$/.test(version))
    return [
      {
        path: ["serving", "version"],
        problem: `given ${show(version)}`,
        given: show(version),
        expected: 'a version in quotes, such as "0.19"'
      }
    ]
  const plain = version?.replace(/^v/, "")
  if (typeof written === "string") return stackAt(written, plain, path)
  const parent = written["extends"]
  if (typeof parent !== "string")
    return [
      {
        path: [...path, "extends"],
        at: "key",
        problem: parent === undefined ? "is missing" : `given ${show(parent)}`,
        given: show(parent),
        expected: `${expected}: an inline stack starts from one that was measured`
      }
    ]
  const stack = stackAt(parent, plain, [...path, "extends"])
  return "name" in stack ? changedBy(rules, stack, written, path) : stack
}
