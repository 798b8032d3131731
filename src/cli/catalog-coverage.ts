/**
 * How much of the catalogue is backed by what.
 */
import type { EntryOf, Kind } from "../catalog/index.ts"

export interface Coverage {
  readonly kind: Kind
  readonly entries: number
  /** Numbers, texts and switches in all entries, names and notes apart. */
  readonly facts: number
  /** Facts with a citation of their own; the others share their entry's. */
  readonly sourced: number
  /** Citations in use, most used first. */
  readonly citations: readonly { readonly source: string; readonly uses: number }[]
}

const apart: readonly string[] = ["name", "title", "aliases", "notes", "sources"]

const facts = (value: unknown): number =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.values(value).reduce<number>((total, inner) => total + facts(inner), 0)
    : 1

export const coverageOf = (kind: Kind, entries: readonly EntryOf[Kind][]): Coverage => {
  const uses = new Map<string, number>()
  for (const { sources } of entries)
    for (const source of Object.values(sources)) uses.set(source, (uses.get(source) ?? 0) + 1)
  return {
    kind,
    entries: entries.length,
    facts: entries.reduce(
      (total, entry) =>
        total + facts(Object.fromEntries(Object.entries(entry).filter(([field]) => !apart.includes(field)))),
      0
    ),
    sourced: entries.reduce(
      (total, { sources }) => total + Object.keys(sources).filter((field) => field !== "default").length,
      0
    ),
    citations: [...uses].map(([source, count]) => ({ source, uses: count })).sort((a, b) => b.uses - a.uses)
  }
}
