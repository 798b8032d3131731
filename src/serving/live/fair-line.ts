/**
 * A waiting line that divides a server among the classes of its requests by their shares: the virtual token counter of Sheng et
 * al. (Fairness in Serving Large Language Models, OSDI 2024).
 *
 * Each class has a counter of what it was served, prompt tokens once and output tokens twice as the paper weighs them, over its
 * share; the class with the lowest goes first, its own requests in order of arrival. Counters are charged when a request is
 * first taken up with all that it will generate (the paper's variant with known lengths): the sums are those of charging token
 * by token, and a class cannot run ahead of what it has begun. A class that comes back after a pause begins at the lowest counter
 * of those that wait, or it would be owed for the time in which it asked for nothing.
 */
import type { LiveRequests } from "./live-requests.ts"
import { joinBack, joinFront, leaveLine, makeSlotLine, type SlotLine } from "./slot-line.ts"
import type { WaitingLine } from "./line.ts"

/** What a prompt token and an output token count, by the paper. */
const promptWeight = 1
const outputWeight = 2

export const byShares = (live: LiveRequests, shares: readonly number[]): WaitingLine => {
  const lines: SlotLine[] = []
  const counters: number[] = []
  let count = 0
  // Of the class that was served last: where a lone class comes back to.
  let latest = 0
  const lineOf = (slot: number): SlotLine => {
    const index = live.classIndex[slot]!
    while (lines.length <= index) {
      lines.push(makeSlotLine())
      counters.push(0)
    }
    return lines[index]!
  }
  const lift = (slot: number): void => {
    const index = live.classIndex[slot]!
    if (lineOf(slot).count > 0) return
    let least = Infinity
    for (let other = 0; other < lines.length; other++)
      if (lines[other]!.count > 0) least = Math.min(least, counters[other]!)
    counters[index] = Math.max(counters[index]!, least === Infinity ? latest : least)
  }
  const firstClass = (): number => {
    let best = -1
    for (let index = 0; index < lines.length; index++)
      if (lines[index]!.count > 0 && (best < 0 || counters[index]! < counters[best]!)) best = index
    return best
  }
  return {
    count: () => count,
    first: () => {
      const best = firstClass()
      return best < 0 ? -1 : lines[best]!.first
    },
    join: (slot) => {
      lift(slot)
      joinBack(live, lineOf(slot), slot)
      count++
    },
    rejoin: (slot) => {
      joinFront(live, lineOf(slot), slot)
      count++
    },
    leave: (slot) => {
      leaveLine(live, lineOf(slot), slot)
      count--
    },
    served: (slot) => {
      const index = live.classIndex[slot]!
      const service = promptWeight * live.prompt[slot]! + outputWeight * live.target[slot]!
      counters[index] = counters[index]! + service / (shares[index] ?? 1)
      latest = counters[index]!
    },
    all: () => {
      const slots: number[] = []
      for (const line of lines) for (let slot = line.first; slot >= 0; slot = live.next[slot]!) slots.push(slot)
      return slots
    }
  }
}
