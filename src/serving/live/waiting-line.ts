/** The waiting line of a scheduler: first come first served, or by priority and then arrival, as vLLM's two policies are. */
import type { LiveRequests } from "./live-requests.ts"
import type { WaitingLine } from "./line.ts"
import { makeSlotHeap } from "./slot-heap.ts"
import { joinBack, joinFront, leaveLine, makeSlotLine } from "./slot-line.ts"
import { byShares } from "./fair-line.ts"

export type { WaitingLine }

/** @param shares  of the classes, by which a fair line divides; all alike where there are none */
export const makeWaitingLine = (
  live: LiveRequests,
  order: "arrival" | "priority" | "fair",
  shares: readonly number[] = []
): WaitingLine =>
  order === "arrival" ? byArrival(live) : order === "priority" ? byPriority(live) : byShares(live, shares)

const byArrival = (live: LiveRequests): WaitingLine => {
  const line = makeSlotLine()
  return {
    count: () => line.count,
    first: () => line.first,
    join: (slot) => joinBack(live, line, slot),
    rejoin: (slot) => joinFront(live, line, slot),
    leave: (slot) => leaveLine(live, line, slot),
    served: () => undefined,
    all: () => {
      const slots: number[] = []
      for (let slot = line.first; slot >= 0; slot = live.next[slot]!) slots.push(slot)
      return slots
    }
  }
}

const byPriority = (live: LiveRequests): WaitingLine => {
  const heap = makeSlotHeap(live, "waitingPlace")
  const join = (slot: number): void => heap.push(slot, live.priority[slot]!)
  return {
    count: heap.count,
    first: heap.first,
    join,
    rejoin: join,
    leave: heap.remove,
    served: () => undefined,
    all: () => {
      const slots: number[] = []
      for (let slot = heap.first(); slot >= 0; slot = heap.first()) {
        slots.push(slot)
        heap.remove(slot)
      }
      for (const slot of slots) join(slot)
      return slots
    }
  }
}
