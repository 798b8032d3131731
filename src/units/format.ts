/**
 * Showing quantities: three significant figures, a unit chosen by size, digits grouped with commas.
 *
 * A whole number of its unit is shown without decimals ("80 GB"), any other number with the figures that it has
 * ("63.0 GB" for 62.98). A value is rounded before its unit is chosen, so 999.9 ms reads "1.00 s" and never "1,000 ms".
 */

/** Three significant figures, with commas: "0.00123", "9.40", "39,900". */
export const formatFigures = (value: number): string => {
  if (!Number.isFinite(value)) return String(value)
  const rounded = toThreeFigures(value)
  const size = Math.abs(rounded)
  if (size >= 1e15 || (size > 0 && size < 1e-6)) return rounded.toExponential(2)
  if (Number.isInteger(value) && size < 1000) return String(value === 0 ? 0 : value)
  const decimals = size >= 100 ? 0 : Math.min(8, 2 - Math.floor(Math.log10(size)))
  return groupDigits(rounded.toFixed(decimals))
}

const toThreeFigures = (value: number): number => Number(value.toPrecision(3))

/** Commas between groups of three digits left of the decimal point. */
const groupDigits = (digits: string): string => {
  const [whole = "", decimals] = digits.split(".")
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/gu, ",")
  return decimals === undefined ? grouped : `${grouped}.${decimals}`
}

interface Step {
  /** Least rounded size, in the quantity's SI unit, that this unit is used for. */
  readonly from: number
  /** SI units in one of this unit, as a ratio of exact numbers. */
  readonly times: number
  readonly over: number
  readonly unit: string
}

/** The value in the greatest unit that it reaches; in the least unit below all of them. */
const formatInSteps = (value: number, steps: ReadonlyArray<Step>): string => {
  const size = Math.abs(toThreeFigures(value))
  const step = steps.findLast(({ from }) => size >= from) ?? steps[0]!
  // Zero and infinity are in the plain unit, not in the least or greatest.
  if (value === 0 || !Number.isFinite(value)) {
    const plain = steps.find(({ times, over }) => times === 1 && over === 1) ?? step
    return `${formatFigures(value)} ${plain.unit}`
  }
  return `${formatFigures((value * step.over) / step.times)} ${step.unit}`
}

const timeSteps: ReadonlyArray<Step> = [
  { from: 0, times: 1, over: 1e9, unit: "ns" },
  { from: 1e-6, times: 1, over: 1e6, unit: "us" },
  { from: 1e-3, times: 1, over: 1e3, unit: "ms" },
  { from: 1, times: 1, over: 1, unit: "s" },
  { from: 3600, times: 3600, over: 1, unit: "h" },
  // Two days and more are days; "36 h" says more than "1.50 days".
  { from: 172_800, times: 86_400, over: 1, unit: "days" }
]

/** Seconds as ns, us, ms, s, h or days: "105 s", "2.60 ms", "105 days". */
export const formatSeconds = (seconds: number): string => formatInSteps(seconds, timeSteps)

const decimalPrefixes = ["", "k", "M", "G", "T", "P", "E", "Z"]
const decimalSteps = (unit: string): ReadonlyArray<Step> =>
  decimalPrefixes.map((prefix, index) => ({
    from: index === 0 ? 0 : 1000 ** index,
    times: 1000 ** index,
    over: 1,
    unit: prefix + unit
  }))

/** A quantity of one or more of an SI unit, with a decimal prefix: (3.12e14, "FLOP/s") is "312 TFLOP/s". */
export const formatQuantity3 = (value: number, unit: string): string => formatInSteps(value, decimalSteps(unit))

/** Bytes with a decimal prefix: "80 GB", "1.50 kB". */
export const formatBytes = (bytes: number): string => formatQuantity3(bytes, "B")

/** FLOP/s with a decimal prefix: "149 TFLOP/s". */
export const formatFlops = (flopsPerSecond: number): string => formatQuantity3(flopsPerSecond, "FLOP/s")

/**
 * How many: whole numbers below a million in full ("16,384"), others with three figures ("39,900" for 39,912.4), and
 * from a million on with M, B or T ("366B", "1.23M").
 */
export const formatCount = (count: number): string => {
  const size = Math.abs(toThreeFigures(count))
  if (Number.isInteger(count) && Math.abs(count) < 1e6) return groupDigits(String(count === 0 ? 0 : count))
  if (!Number.isFinite(count) || size < 1e6) return formatFigures(count)
  if (size < 1e9) return `${formatFigures(count / 1e6)}M`
  if (size < 1e12) return `${formatFigures(count / 1e9)}B`
  return `${formatFigures(count / 1e12)}T`
}

/** A share of one in per cent: "36.2 %", "-0.21 %", "134 %"; a tenth from one per cent on, a hundredth below. */
export const formatPercent = (fraction: number): string => {
  if (!Number.isFinite(fraction)) return `${fraction} %`
  const percent = Number((fraction * 100).toPrecision(12))
  const size = Math.abs(percent)
  const decimals = Number.isInteger(percent) || size >= 99.95 ? 0 : size >= 0.995 ? 1 : 2
  const shown = groupDigits(percent.toFixed(decimals))
  return `${/[1-9]/u.test(shown) ? shown : "0"} %`
}
