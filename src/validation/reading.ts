/**
 * Reading the loosely typed fields of a measurement.
 */
import type { Measurement } from "./measurement.ts"

/** A point that no scenario can express, and why. */
export interface Refusal {
  readonly reason: string
}

export const isRefusal = (value: object): value is Refusal => "reason" in value

type Loose = number | string | null | undefined

/** The number of a field; undefined where the source is silent or writes something else. */
export const numberOf = (value: Loose): number | undefined => {
  if (typeof value === "number") return value
  if (typeof value !== "string" || value.trim() === "") return undefined
  const number = Number(value)
  return Number.isFinite(number) ? number : undefined
}

/** A size; undefined where the source is silent or writes 0 for "none". */
export const sizeOf = (value: Loose): number | undefined => {
  const number = numberOf(value)
  return number === undefined || number <= 0 ? undefined : number
}

const groups = ["model", "cluster", "parallel", "batch"] as const

/** Fields that are text or a choice by nature. */
const textual = new Set(["name", "gpu", "gpu_family", "inter", "fsdp", "zero", "sequence_parallel"])

/** Fields in which 0 says that there is none of it. */
const maybeNone = new Set([
  "zero_stage",
  "cp",
  "vpp",
  "ep",
  "etp",
  "model_parallel",
  "dp_replicas",
  "experts",
  "top_k",
  "moe_ffn",
  "shared_expert_ffn"
])

/** No model, batch or cluster has more of anything, parameters apart. */
const most = 1e9

/** The first field that does not hold the whole number it should ("128-512", -1, 2.5), as a reason. */
export const notNumeric = (point: Measurement): Refusal | undefined => {
  for (const group of groups) {
    for (const [field, value] of Object.entries(point[group] ?? {})) {
      if (textual.has(field) || value === null || value === undefined || typeof value === "boolean") continue
      const number = numberOf(value)
      if (number === undefined) return { reason: `${group}.${field} is not a number` }
      const least = maybeNone.has(field) ? 0 : 1
      const inRange = number >= least && (field === "params" || (number <= most && Number.isInteger(number)))
      if (!inRange) return { reason: `${group}.${field} is not a size` }
    }
  }
  return undefined
}
