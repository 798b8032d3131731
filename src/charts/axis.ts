/**
 * Axes: what they measure, in which unit, from where to where, and where their ticks are.
 */
import { scaleLinear, scaleLog } from "d3"
import { formatCount } from "../units/index.ts"

export interface Axis {
  /** What is measured, with its unit: "time to first token, ms". */
  readonly label: string
  /** Values of the data in one of the axis's unit: 1e-3 for milliseconds of data in seconds. */
  readonly unit: number
  readonly scale: "linear" | "log"
  readonly from: number
  readonly to: number
  /** Values of the data where ticks stand; default: round numbers. */
  readonly ticks?: readonly number[]
  readonly format?: (inUnit: number) => string
  /** Ends where it is told to, rather than at round numbers beyond. */
  readonly isExact?: boolean
}

export interface PlacedAxis {
  readonly at: (value: number) => number
  readonly ticks: readonly { readonly at: number; readonly text: string }[]
  readonly from: number
  readonly to: number
}

const timeUnits = [
  ["us", 1e-6, 1e-3],
  ["ms", 1e-3, 2],
  ["s", 1, 7200],
  ["h", 3600, 172_800],
  ["days", 86_400, Infinity]
] as const

/** An axis of seconds in the unit that suits its greatest value. */
export const timeAxis = (what: string, from: number, to: number, scale: Axis["scale"] = "linear"): Axis => {
  const [name, unit] = timeUnits.find(([, , below]) => to < below) ?? (["s", 1] as const)
  return { label: `${what}, ${name}`, unit, scale, from, to }
}

export const countAxis = (label: string, from: number, to: number, ticks?: readonly number[]): Axis => ({
  label,
  unit: 1,
  scale: "linear",
  from,
  to,
  ...(ticks === undefined ? {} : { ticks })
})

/** Places an axis on pixels; `most` is about how many ticks there is room for. */
export const placeAxis = (axis: Axis, pixels: readonly [number, number], most: number): PlacedAxis => {
  const { unit } = axis
  // 0.0005 s are 500 us, and not a little more, which would be rounded up to the next tick.
  const domain = [axis.from, axis.to].map((end) => Number((end / unit).toPrecision(12)))
  const scale =
    axis.scale === "log" ? scaleLog().domain(domain).range(pixels) : scaleLinear().domain(domain).range(pixels)
  if (axis.isExact !== true) scale.nice(most)
  const [low = 0, high = 1] = scale.domain()
  const values =
    axis.ticks?.map((tick) => tick / unit) ?? (axis.scale === "log" ? decades(low, high, most) : scale.ticks(most))
  const format = axis.format ?? formatOf(values)
  return {
    at: (value) => scale(value / unit),
    ticks: values
      .filter((value) => value >= low && value <= high)
      .map((value) => ({ at: scale(value), text: format(value) })),
    from: low * unit,
    to: high * unit
  }
}

/** One number of decimals for all ticks, as many as the finest needs; figures where they span decades. */
const formatOf = (values: readonly number[]): ((value: number) => string) => {
  if (values.every((value) => Number.isInteger(value))) return formatCount
  // On a logarithmic axis each tick has a size of its own.
  if (Math.max(...values) > 50 * Math.min(...values.filter((value) => value > 0)))
    return (value) => (value >= 1000 ? formatCount(value) : String(Number(value.toPrecision(6))))
  const decimals = Math.max(...values.map((value) => String(Number(value.toFixed(6))).split(".")[1]?.length ?? 0))
  return (value) => value.toFixed(decimals)
}

/** 1, 2 and 5 of every decade, or the decades alone where there are many. */
const decades = (low: number, high: number, most: number): readonly number[] => {
  const first = Math.floor(Math.log10(low))
  const count = Math.ceil(Math.log10(high)) - first
  const steps = count * 3 <= most ? [1, 2, 5] : [1]
  return Array.from({ length: count + 1 }, (_, index) =>
    steps.map((step) => Number((step * 10 ** (first + index)).toPrecision(1)))
  ).flat()
}
