/**
 * Serving stacks: what each inference framework fuses, overlaps, reserves and wastes.
 */
import type { ServingStack } from "../serving-types.ts"
import { compiled } from "./compiled.ts"
import { servingConstants } from "./constants.ts"
import { engines } from "./engines.ts"
import type { ServingStackEntry } from "./entry.ts"
import { transformers } from "./transformers.ts"

const entries: readonly ServingStackEntry[] = [...transformers, ...compiled, ...engines]

const lineage = (entry: ServingStackEntry): readonly string[] => {
  const parent = entries.find((other) => other.name === entry.parent)
  return parent === undefined ? [entry.name] : [entry.name, ...lineage(parent)]
}

const parts = (version: string): readonly number[] =>
  version.split(/[.\-+]/).map((part) => Number.parseInt(part, 10) || 0)

/** Below 0 where `a` is the older version. */
const compareVersions = (a: string, b: string): number => {
  const [left, right] = [parts(a), parts(b)]
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

const isOf = (version: string, release: string): boolean =>
  version === release || version.startsWith(`${release}.`) || version.startsWith(`${release}-`)

/**
 * The release that a version belongs to: "0.12.3" to "0.12". A version nobody measured has the documented properties of
 * the newest release before it (or of the oldest), and the stack's priors as constants.
 */
const complete = (entry: ServingStackEntry, wanted?: string): ServingStack => {
  const { parent: _parent, releases, ...rest } = entry
  const newest = releases[releases.length - 1]
  const version = wanted ?? newest?.version ?? ""
  const exact = releases.find((release) => isOf(version, release.version))
  const nearest =
    exact ?? releases.findLast((release) => compareVersions(release.version, version) <= 0) ?? releases[0] ?? newest
  return {
    ...rest,
    ...nearest?.changes,
    version,
    versions: releases.map((release) => release.version),
    constants: servingConstants(lineage(entry), exact?.version ?? version)
  }
}

/** Every shipped serving stack at its newest version. */
export const servingStacks: readonly ServingStack[] = entries.map((entry) => complete(entry))

/**
 * The serving stack of a name at a version (default: its newest), with the constants of this moment, which differ from the
 * shipped ones only inside a calibration.
 */
export const currentServingStack = (name: string, version?: string): ServingStack | undefined => {
  const entry = entries.find((candidate) => candidate.name === name)
  return entry === undefined ? undefined : complete(entry, version)
}

/** A stack's name followed by its ancestors', whose constants it inherits. */
export const servingStackLineage = (name: string): readonly string[] => {
  const entry = entries.find((candidate) => candidate.name === name)
  return entry === undefined ? [name] : lineage(entry)
}

export { servingConstantNames } from "./constants.ts"
