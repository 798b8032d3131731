/**
 * How much of the catalogue is backed by what: facts with their sources, and the measurements behind predictions.
 */
import type { EntryOf, Kind } from "../catalog/index.ts"
import type { MappedPoint, MeasuredKernel, Measurement, Refusal } from "../validation/index.ts"
import { formatCount } from "../units/index.ts"

export interface FactCoverage {
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

export const factCoverage = (kind: Kind, entries: readonly EntryOf[Kind][]): FactCoverage => {
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

export interface RunCoverage {
  readonly accelerator: string
  readonly precision: string
  readonly stack: string
  /** Published training runs that were measured there and that can be predicted. */
  readonly measurements: number
}

export interface KernelCoverage {
  readonly accelerator: string
  readonly precision: string
  readonly kernel: string
  readonly measurements: number
}

/** Rows counted, most first within an accelerator. */
const counted = <Row extends { readonly accelerator: string }>(rows: readonly Row[]) => {
  const counts = new Map<string, { readonly row: Row; readonly measurements: number }>()
  for (const row of rows) {
    const key = JSON.stringify(row)
    counts.set(key, { row, measurements: (counts.get(key)?.measurements ?? 0) + 1 })
  }
  return [...counts.values()]
    .map(({ row, measurements }) => Object.assign({}, row, { measurements }))
    .sort((a, b) =>
      a.accelerator === b.accelerator ? b.measurements - a.measurements : a.accelerator < b.accelerator ? -1 : 1
    )
}

/** Measured training runs by accelerator, number format and software stack. */
export const runCoverage = (
  points: readonly Measurement[],
  toScenario: (point: Measurement) => MappedPoint | Refusal
): readonly RunCoverage[] =>
  counted(
    points.flatMap((point) => {
      const mapped = toScenario(point)
      if ("reason" in mapped) return []
      const { precision, stack } = mapped.scenario.training
      return [{ accelerator: mapped.accelerator, precision, stack }]
    })
  )

export const kernelCoverage = (kernels: readonly MeasuredKernel[]): readonly KernelCoverage[] =>
  counted(
    kernels.map(({ accelerator, datatype, kernel }) => ({ accelerator: accelerator.name, precision: datatype, kernel }))
  )

export const factsText = (coverage: readonly FactCoverage[]): string =>
  [
    `${"facts".padEnd(14)}${"entries".padStart(9)}${"facts".padStart(9)}   with a source of their own`,
    ...coverage.map(
      ({ kind, entries, facts, sourced }) =>
        `${kind.padEnd(14)}${formatCount(entries).padStart(9)}${formatCount(facts).padStart(9)}${formatCount(sourced).padStart(9)}`
    )
  ].join("\n")

/** A table in which an accelerator is named once. */
export const measurementsText = (
  title: string,
  heading: string,
  rows: readonly {
    readonly accelerator: string
    readonly precision: string
    readonly what: string
    readonly measurements: number
  }[]
): string => {
  const line = (accelerator: string, precision: string, what: string, measurements: string): string =>
    `${accelerator.padEnd(24)}${precision.padEnd(10)}${what.padEnd(30)}${measurements.padStart(12)}`
  const total = rows.reduce((sum, { measurements }) => sum + measurements, 0)
  return [
    title,
    line("accelerator", "format", heading, "measurements"),
    ...rows.map(({ accelerator, precision, what, measurements }, index) =>
      line(rows[index - 1]?.accelerator === accelerator ? "" : accelerator, precision, what, formatCount(measurements))
    ),
    line("", "", "in all", formatCount(total))
  ].join("\n")
}
