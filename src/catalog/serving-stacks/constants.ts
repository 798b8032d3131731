/**
 * The constants of a serving stack at a version: fitted for that version, else the stack's prior, else its parent's,
 * else the value that changes nothing.
 *
 * Keys read as `serving.<stack>@<version>.<constant>` and, for versions nobody measured, `serving.<stack>.<constant>`.
 */
import { constantOf } from "../constants/index.ts"
import type { ServingConstants } from "../serving-types.ts"
import type { Constant } from "../types.ts"

type Key = keyof ServingConstants

const neutral: Readonly<Record<Key, number>> = {
  kernelFactor: 1,
  computeFactor: 1,
  launchFactor: 1,
  sequenceSecondsPerLayer: 0,
  keyValueFactor: 1,
  scoreFactor: 4,
  hostSecondsPerLayer: 0,
  hostSecondsPerStep: 0,
  hostSecondsPerSequence: 0,
  collectiveSeconds: 0,
  firstTokenSeconds: 0,
  hopSeconds: 0,
  linearSeconds: 0,
  ungroupedShare: 0.55,
  gatherShare: 0.66
}

export const servingConstantNames = Object.keys(neutral) as readonly Key[]

/** Constants of a stack; `lineage` is its name and its ancestors', nearest first. */
export const servingConstants = (lineage: readonly string[], version: string): ServingConstants => {
  const found: Partial<Record<Key, Constant>> = {}
  for (const key of servingConstantNames) found[key] = lookUp(lineage, version, key)
  return found as ServingConstants
}

const lookUp = (lineage: readonly string[], version: string, key: Key): Constant => {
  for (const name of lineage) {
    const found = constantOf(`serving.${name}@${version}.${key}`) ?? constantOf(`serving.${name}.${key}`)
    if (found !== undefined) return name === lineage[0] ? found : { ...found, source: `as ${name}: ${found.source}` }
  }
  return { value: neutral[key], origin: "assumed", source: "no effect known" }
}
