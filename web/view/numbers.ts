/** Numbers with their units, as everywhere in Windtunnel. */
import {
  formatBytes,
  formatCount,
  formatFigures,
  formatPercent,
  formatQuantity3,
  formatSeconds
} from "../../src/units/index.ts"
import type { Unit } from "../model/run-result.ts"

export const shown = (value: number, unit: Unit): string => {
  switch (unit) {
    case "seconds":
      return formatSeconds(value)
    case "share":
      return formatPercent(value)
    case "bytes":
      return formatBytes(value)
    case "flops":
      return formatQuantity3(value, "FLOP/s")
    case "perSecond":
      return `${formatFigures(value)}/s`
    case "money":
      return `$${formatFigures(value)}`
    default:
      return formatCount(value)
  }
}

/** A difference with its sign. */
export const signed = (value: number, show: (size: number) => string): string =>
  value === 0 ? "0" : `${value > 0 ? "+" : "−"}${show(Math.abs(value))}`
