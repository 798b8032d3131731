/**
 * Software stacks: what each training framework fuses, overlaps and wastes.
 */
import type { Stack } from "../types.ts"
import { stackConstants } from "./constants.ts"
import type { StackEntry } from "./entry.ts"
import { fullySharded } from "./fully-sharded.ts"
import { megatron } from "./megatron.ts"

const entries: readonly StackEntry[] = [...megatron, ...fullySharded]

const lineage = (entry: StackEntry): readonly string[] => {
  const parent = entries.find((other) => other.name === entry.parent)
  return parent === undefined ? [entry.name] : [entry.name, ...lineage(parent)]
}

const complete = (entry: StackEntry): Stack => {
  const { parent: _parent, documented, ...rest } = entry
  return { ...rest, constants: stackConstants(lineage(entry), documented ?? {}) }
}

/** Every shipped stack with its shipped constants. */
export const stacks: readonly Stack[] = entries.map(complete)

/** The stack of a name with the constants of this moment: differs from the shipped one only inside a calibration. */
export const currentStack = (name: string): Stack | undefined => {
  const entry = entries.find((candidate) => candidate.name === name)
  return entry === undefined ? undefined : complete(entry)
}

/** A stack's name followed by its ancestors', whose constants it inherits. */
export const stackLineage = (name: string): readonly string[] => {
  const entry = entries.find((candidate) => candidate.name === name)
  return entry === undefined ? [name] : lineage(entry)
}

export { stackConstantNames } from "./constants.ts"
export type { StackEntry } from "./entry.ts"
