/** How many of the tokens that were guessed ahead turn out right. */

/** Draws how many of `tokens` proposals are accepted in a row. */
export interface Acceptance {
  readonly tokens: number
  readonly draw: () => number
}

/** @param random uniform from 0 to 1 */
export const makeAcceptance = (tokens: number, probability: number, random: () => number): Acceptance => {
  // The number of successes before the first failure, by inversion: floor(log u / log p).
  const scale = probability > 0 && probability < 1 ? 1 / Math.log(probability) : 0
  const draw = (): number => {
    if (probability >= 1) return tokens
    if (probability <= 0) return 0
    return Math.min(tokens, Math.floor(Math.log(1 - random()) * scale))
  }
  return { tokens, draw }
}
