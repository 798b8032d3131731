/** Reading a quantity that a person wrote: "80 GB", "312 TFLOP/s", "5 us", "366B". */
import { type Dimension, unitTable } from "./unit-table.ts"

// Digits, in groups of three when they hold commas; a decimal part; an exponent only when digits follow it, so that
// "5EB" is five exabytes; then the unit.
const quantityPattern = /^(\d{1,3}(?:,\d{3})+|\d+|(?=\.\d))(\.\d*)?([eE][+-]?\d+)? *(.*)$/u

/**
 * The SI value of a quantity in text, or undefined when it is not one: no number, a negative or infinite one, or a unit
 * of another dimension. A number without a unit is taken as SI already.
 */
export const parseQuantity = (text: string, dimension: Dimension): number | undefined => {
  const trimmed = text.trim()
  // The dollar sign alone stands before its number.
  const written = dimension === "money" && trimmed.startsWith("$") ? trimmed.slice(1).trimStart() : trimmed
  const parts = quantityPattern.exec(written)
  if (parts === null) return undefined
  const [, digits = "", decimals = "", exponent = "", unit = ""] = parts
  const amount = Number(`${digits.replaceAll(",", "")}${decimals}${exponent}`)
  const ratio = unit === "" ? { times: 1, over: 1 } : unitTable[dimension].get(unit)
  if (ratio === undefined) return undefined
  const value = (amount * ratio.times) / ratio.over
  return Number.isFinite(value) ? value : undefined
}
