/**
 * Times as the traces write them, to seconds since the first that was read.
 *
 * The difference is taken before the scaling: a date of 2024 in seconds since 1970 leaves a double 0.2 us of resolution, and
 * Azure's traces have 0.1 us.
 */

/** Seconds since the first time that this reader read; NaN for what is not a time. */
export type TimeReader = (field: unknown) => number

/** Numbers of so many to a second, not negative. */
export const numericTime = (perSecond: number): TimeReader => {
  let origin: number | undefined
  return (field) => {
    const value = numberOf(field)
    if (!(value >= 0 && value < Infinity)) return NaN
    origin ??= value
    return (value - origin) / perSecond
  }
}

// 2023-11-16 18:17:03.9799600, 2024-05-10 00:00:00.009930+00:00, 2024-05-10T00:00:00Z
const pattern = /^(\d{4}-\d\d-\d\d)[ T](\d\d):(\d\d):(\d\d)(\.\d+)?(?: ?(?:Z|([+-])(\d\d):?(\d\d)))?$/

/** Dates with a time of day, ISO 8601 with a space or a T; UTC where no offset is given. */
export const dateTime = (): TimeReader => {
  let originSeconds: number | undefined
  let originFraction = 0
  // Rows of the same day follow each other; a calendar is slow to ask.
  let day = ""
  let midnight = NaN
  return (field) => {
    const parts = typeof field === "string" ? pattern.exec(field) : null
    if (parts === null) return NaN
    const [, date, hour, minute, second, fraction, sign, offsetHours, offsetMinutes] = parts
    if (date !== day) {
      day = date!
      midnight = midnightOf(date!)
    }
    if (Number.isNaN(midnight) || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return NaN
    const offset =
      sign === undefined ? 0 : Number(`${sign}1`) * (Number(offsetHours) * 3600 + Number(offsetMinutes) * 60)
    const seconds = midnight + Number(hour) * 3600 + Number(minute) * 60 + Number(second) - offset
    const part = fraction === undefined ? 0 : Number(fraction)
    if (originSeconds === undefined) {
      originSeconds = seconds
      originFraction = part
    }
    return seconds - originSeconds + (part - originFraction)
  }
}

/** Seconds from 1970 to the beginning of a day in UTC; NaN for a day that does not exist, such as 30 February. */
const midnightOf = (date: string): number => {
  const [year, month, day] = date.split("-").map(Number)
  const midnight = new Date(Date.UTC(year!, month! - 1, day))
  return midnight.getUTCMonth() === month! - 1 && midnight.getUTCDate() === day ? midnight.getTime() / 1000 : NaN
}

const numeral = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

/** A number, or decimal text as in a CSV field; NaN for anything else. `Number` alone would take "", "0x10" and " ". */
export const numberOf = (field: unknown): number =>
  typeof field === "number" ? field : typeof field === "string" && numeral.test(field) ? Number(field) : NaN
