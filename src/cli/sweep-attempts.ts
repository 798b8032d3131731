/**
 * How often a point may end what simulates it, and what is said of one that always does.
 */

/** Attempts at a point by itself. */
export const mostAttempts = 3

/** How a worker dies that says nothing. */
export const unknownDeath = "killed, out of memory, or cut off"

/** Why a point is given up. */
export const deadReason = (who: string, reason: string): string =>
  `${who} died at each of ${mostAttempts} attempts: ${reason}`
