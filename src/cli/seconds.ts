/**
 * Times that stand next to a measured one: a figure more than elsewhere, as measurements have it.
 */
import { formatSeconds } from "../units/index.ts"

/** Four figures between a millisecond and an hour ("105.2 s", "489.7 ms"); three elsewhere. */
export const formatSeconds4 = (seconds: number): string => {
  const rounded = Number(seconds.toPrecision(4))
  if (rounded >= 1000 && rounded < 3600) return `${rounded.toLocaleString("en")} s`
  if (rounded >= 1 && rounded < 1000) return `${rounded.toPrecision(4)} s`
  return rounded >= 1e-3 && rounded < 1 ? `${(rounded * 1e3).toPrecision(4)} ms` : formatSeconds(seconds)
}
