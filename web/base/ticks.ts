/** Ticks of a time axis: round times, with labels that stay short however deep the zoom. */
import { formatSeconds } from "../../src/units/index.ts"
import { spanOf, type TimeWindow } from "./time-window.ts"

export interface Tick {
  readonly seconds: number
  readonly label: string
}

export interface Axis {
  /** What the labels count from, where they would be long otherwise: "52.12 s +". Empty for labels from zero. */
  readonly base: string
  readonly ticks: readonly Tick[]
}

const units: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, "d"],
  [3600, "h"],
  [1, "s"],
  [1e-3, "ms"],
  [1e-6, "us"],
  [1e-9, "ns"]
]

/** Above the second, steps follow the clock. */
const clockSteps = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400]

/** The least round step that is no less than `least` seconds. */
export const tickStep = (least: number): number => {
  if (least > 1 && least <= 86_400) return clockSteps.find((step) => step >= least) ?? 86_400
  const [whole, scale] = least > 86_400 ? [least / 86_400, 86_400] : [least, 1]
  const power = 10 ** Math.floor(Math.log10(whole))
  const ratio = whole / power
  return (ratio <= 1 ? 1 : ratio <= 2 ? 2 : ratio <= 5 ? 5 : 10) * power * scale
}

const unitOf = (size: number) => units.find(([seconds]) => size >= seconds * 0.999_999) ?? ([1e-9, "ns"] as const)

const written = (seconds: number, step: number, largest: number): string => {
  const [unit, name] = unitOf(largest)
  const decimals = Math.max(0, Math.ceil(-Math.log10(step / unit) - 1e-9))
  if (decimals > 4) return formatSeconds(seconds)
  const text = (seconds / unit).toFixed(decimals)
  return Number(text) === 0 ? "0" : `${text} ${name}`
}

/** Labels of this many digits are still read at a glance. */
const mostDigits = 4

/** The axis of a window, with labels at least `apart` pixels from each other. */
export const axisOf = (window: TimeWindow, width: number, apart = 100): Axis => {
  const span = spanOf(window)
  if (!(span > 0) || !(width > 0)) return { base: "", ticks: [] }
  const step = tickStep((span * apart) / width)
  const largest = Math.max(Math.abs(window.start), Math.abs(window.end))
  const isLong = largest / step > 10 ** mostDigits && window.start > span
  const round = 10 ** Math.ceil(Math.log10(span))
  const base = isLong ? Math.floor(window.start / round) * round : 0
  const ticks: Tick[] = []
  for (let index = Math.ceil(window.start / step); index * step <= window.end; index++) {
    const seconds = index * step
    const label = isLong ? `+${written(seconds - base, step, span)}` : written(seconds, step, largest)
    ticks.push({ seconds, label })
  }
  return { base: isLong ? baseLabel(base, round) : "", ticks }
}

/** The base to its last digit that counts. */
const baseLabel = (seconds: number, round: number): string => {
  const [unit, name] = unitOf(Math.abs(seconds))
  const decimals = Math.max(0, Math.ceil(-Math.log10(round / unit) - 1e-9))
  return `${(seconds / unit).toFixed(Math.min(12, decimals))} ${name}`
}
