/**
 * Catalogue entries by kind and name.
 */
import { accelerators } from "./accelerators/index.ts"
import { currentLink, links } from "./links/index.ts"
import { models } from "./models/index.ts"
import { nearestNames } from "./nearest.ts"
import { quantisations } from "./quantisations.ts"
import { currentServingStack, servingStacks } from "./serving-stacks/index.ts"
import type { Quantisation, ServingStack } from "./serving-types.ts"
import { currentStack, stacks } from "./stacks/index.ts"
import { systems } from "./systems/index.ts"
import type { Accelerator, Link, Model, Stack, System } from "./types.ts"

/** What an entry of each kind is. */
export interface EntryOf {
  readonly accelerators: Accelerator
  readonly links: Link
  readonly systems: System
  readonly models: Model
  readonly stacks: Stack
  readonly "serving-stacks": ServingStack
  readonly quantisations: Quantisation
}

export type Kind = keyof EntryOf

/** Every entry, by kind. */
export const catalogue: { readonly [K in Kind]: readonly EntryOf[K][] } = {
  accelerators,
  links,
  systems,
  models,
  stacks,
  "serving-stacks": servingStacks,
  quantisations
}

/** The catalogue has no entry of that name; `nearest` are the names closest to it. */
export interface UnknownName {
  readonly _tag: "UnknownName"
  readonly kind: Kind
  readonly name: string
  readonly nearest: readonly string[]
}

/** Tells a failed lookup from an entry. */
export const isUnknownName = (found: EntryOf[Kind] | UnknownName): found is UnknownName => "_tag" in found

/** A name as it is compared: case, spaces and underscores do not matter. */
const spelling = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, "-")

/**
 * The entry of a kind by its name or one of its aliases.
 */
export const find = <K extends Kind>(kind: K, name: string): EntryOf[K] | UnknownName => {
  const wanted = spelling(name)
  const entries: readonly EntryOf[K][] = catalogue[kind]
  const found =
    entries.find((entry) => spelling(entry.name) === wanted) ??
    entries.find((entry) => aliasesOf(entry).some((alias) => spelling(alias) === wanted))
  if (found === undefined) return { _tag: "UnknownName", kind, name, nearest: nearestNames(name, namesOf(kind)) }
  return current(kind, found)
}

/** An entry with the constants of this moment, which differ from the shipped ones only inside a calibration. */
const current = <K extends Kind>(kind: K, entry: EntryOf[K]): EntryOf[K] => {
  if (kind === "stacks") return (currentStack(entry.name) ?? entry) as EntryOf[K]
  if (kind === "serving-stacks") return (currentServingStack(entry.name) ?? entry) as EntryOf[K]
  if (kind === "links") return currentLink(entry as Link) as EntryOf[K]
  return entry
}

/** The names of every entry of a kind, in the order of the catalogue. */
export const namesOf = (kind: Kind): readonly string[] => catalogue[kind].map((entry) => entry.name)

const aliasesOf = (entry: { readonly name: string; readonly aliases?: readonly string[] }): readonly string[] =>
  entry.aliases ?? []
