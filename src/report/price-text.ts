/**
 * The prices that a report counts with.
 */
import { dollars, listed } from "./show.ts"

export const priceText = (
  price: { readonly perAcceleratorHour?: number; readonly perKilowattHour?: number } | undefined
): string => {
  const parts = [
    ...(price?.perAcceleratorHour === undefined
      ? []
      : [`${dollars(price.perAcceleratorHour)} an accelerator and hour`]),
    ...(price?.perKilowattHour === undefined ? [] : [`${dollars(price.perKilowattHour)} a kWh`])
  ]
  return parts.length === 0
    ? "No price is given, so no cost is named (price.perAcceleratorHour)."
    : `Prices as the scenario gives them: ${listed(parts)}.`
}
