/**
 * How a report shows numbers: amounts of money, changes, and the columns that several tables have.
 */
import { formatBytes, formatCount, formatFigures, formatPercent, formatSeconds } from "../units/index.ts"
import { rangeAt, type Ranged } from "../intervals/index.ts"
import type { Cell, Column, Figure } from "./document.ts"

export const dollars = (amount: number): string => `$${amount < 1e6 ? formatFigures(amount) : formatCount(amount)}`

/** A change such as "+4.2 %"; 0 is "0 %". */
export const signed = (share: number): string => (share > 0 ? `+${formatPercent(share)}` : formatPercent(share))

export const words: (name: string) => Column = (name) => ({ name, unit: "" })
export const seconds = (name: string): Column => ({ name, unit: "s", show: formatSeconds })
export const bytes = (name: string): Column => ({ name, unit: "bytes", show: formatBytes })
export const share = (name: string): Column => ({ name, unit: "share", show: formatPercent })
export const change = (name: string): Column => ({ name, unit: "share", show: signed })
export const count = (name: string): Column => ({ name, unit: "", show: formatCount })
export const money = (name: string): Column => ({ name, unit: "$", show: dollars })
export const amount = (name: string, unit: string): Column => ({ name, unit, show: formatFigures })

/** Whether a column holds numbers: they stand to the right. */
export const isNumeric = ({ show }: Column): boolean => show !== undefined

/** What a person reads in a cell. */
export const shown = (cell: Cell, column: Column): string => {
  if (cell === null) return "-"
  if (typeof cell === "string") return cell
  if (!Number.isFinite(cell)) return "-"
  return (column.show ?? formatFigures)(cell)
}

/** A figure; NaN and null are "not known". */
export const figure = (
  name: string,
  value: number | null,
  column: Pick<Column, "unit" | "show">,
  note?: string,
  ranged?: Ranged
): Figure => {
  const known = value !== null && Number.isFinite(value)
  const interval = ranged === undefined ? undefined : intervalText(ranged, column.show ?? formatFigures)
  return {
    name,
    value: known ? value : null,
    unit: column.unit,
    shown: known ? (column.show ?? formatFigures)(value) : "not known",
    ...(note === undefined ? {} : { note }),
    ...(interval === undefined ? {} : { interval }),
    ...(ranged === undefined || !known ? {} : { ranges: ranged.ranges })
  }
}

/** "90 %: 87.0 s to 131 s". */
const intervalText = (ranged: Ranged, show: (value: number) => string): string | undefined => {
  const range = rangeAt(ranged, 0.9)
  if (range === undefined || !Number.isFinite(range.low)) return undefined
  if (range.high === null) return `90 %: ${show(range.low)} and up`
  const [low, high] = [show(range.low), show(range.high)]
  return `90 %: ${withoutUnit(low, high)} to ${high}`
}

/** A long unit is said once: "32,100 to 48,200 tokens/s". */
const withoutUnit = (low: string, high: string): string => {
  const unit = /(?: \S{5,}|\/s)$/.exec(high)?.[0]
  return unit !== undefined && low.endsWith(unit) ? low.slice(0, -unit.length) : low
}

/** "a, b and c". */
export const listed = (items: readonly string[]): string =>
  items.length < 2 ? (items[0] ?? "") : `${items.slice(0, -1).join(", ")} and ${items.at(-1) ?? ""}`

/** "8 x H100 SXM5 80 GB". */
export const machinesText = (accelerators: number, title: string): string =>
  `${formatCount(accelerators)} x ${title.replace(/^(?:NVIDIA|AMD|Intel|Apple) /, "")}`
