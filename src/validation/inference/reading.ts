/**
 * Reading the loosely typed fields of a measurement of inference.
 */
export { isRefusal, numberOf, type Refusal } from "../reading.ts"
import { numberOf, type Refusal } from "../reading.ts"

type Loose = number | string | boolean | null | undefined

/** A truth; undefined where the source is silent or says something else. */
export const truthOf = (value: Loose): boolean | undefined => {
  if (typeof value === "boolean") return value
  if (value === 1 || (typeof value === "string" && /^(true|yes|y|1)$/i.test(value.trim()))) return true
  if (value === 0 || (typeof value === "string" && /^(false|no|n|0)$/i.test(value.trim()))) return false
  return undefined
}

/** No cluster, batch or prompt has more. */
const most = 1e8

/**
 * A whole number of at least 1, or undefined where the source is silent; a refusal where it is neither.
 *
 * @param field names the field in the refusal
 */
export const countOf = (value: number | string | null | undefined, field: string): number | undefined | Refusal => {
  if (value === null || value === undefined || value === "") return undefined
  const number = numberOf(value)
  if (number === undefined) return { reason: `${field} is not a number` }
  if (!(number >= 1 && number <= most && Number.isInteger(number))) return { reason: `${field} is not a size` }
  return number
}

/** Tells a refusal among numbers and silence. */
export const isRefused = (value: number | undefined | Refusal): value is Refusal => typeof value === "object"
