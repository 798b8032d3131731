/**
 * The constants of a stack: its own fitted value, else its parent's, else the value that changes nothing.
 */
import { constantOf } from "../constants/index.ts"
import type { Constant, StackConstants } from "../types.ts"

type Key = keyof StackConstants

/** Values of a stack about which nothing is known: it wastes nothing and hides nothing. */
const neutral: Readonly<Record<Key, number>> = {
  gemmFactor: 1,
  attentionFactor: 1,
  softmaxFactor: 1,
  elementwiseFactor: 1,
  tensorOverlap: 0,
  tensorRateShare: 1,
  dataNetworkShare: 1,
  dataOverlap: 0,
  pipelineExposure: 1,
  hostSecondsPerLayer: 0,
  hostSecondsPerExpertLayer: 0,
  shardCopyBytes: 0,
  expertOverlap: 0,
  expertBytesFactor: 1,
  pace: 1
}

export const stackConstantNames = Object.keys(neutral) as readonly Key[]

/** What a stack's documentation or source code says, where no fit is needed. */
export type Documented = Partial<Readonly<Record<Key, { readonly value: number; readonly source: string }>>>

/**
 * Constants of a stack.
 *
 * @param lineage the stack's name, then its ancestors', nearest first: a constant that was not fitted for the stack
 *   itself is its ancestor's
 */
export const stackConstants = (lineage: readonly string[], documented: Documented): StackConstants => {
  const found: Partial<Record<Key, Constant>> = {}
  for (const key of stackConstantNames) found[key] = lookUp(lineage, documented, key)
  return found as StackConstants
}

const lookUp = (lineage: readonly string[], documented: Documented, key: Key): Constant => {
  const own = constantOf(`stack.${lineage[0]}.${key}`)
  if (own !== undefined) return own
  const said = documented[key]
  if (said !== undefined) return { value: said.value, origin: "published", source: said.source }
  for (const name of lineage.slice(1)) {
    const inherited = constantOf(`stack.${name}.${key}`)
    if (inherited !== undefined) return { ...inherited, source: `as ${name}: ${inherited.source}` }
  }
  return { value: neutral[key], origin: "assumed", source: "no effect known" }
}
