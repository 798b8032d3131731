/**
 * What an hour of an accelerator costs: as given, else as the catalogue has it. Its prices are ranges, from the cheapest
 * offer to a large cloud's price on demand; the middle is the geometric mean, as prices differ by factors.
 */
import type { Accelerator } from "../../catalog/index.ts"
import type { PriceLevel } from "./types.ts"

export const hourlyPrice = (
  { name, pricePerHour }: Pick<Accelerator, "name" | "pricePerHour">,
  prices: Readonly<Record<string, number>>,
  at: PriceLevel
): number | undefined => {
  const given = prices[name]
  if (given !== undefined || pricePerHour === undefined) return given
  const { low, high } = pricePerHour
  return at === "low" ? low : at === "high" ? high : Math.sqrt(low * high)
}
