/** The waiting line of a scheduler: first come first served, or by priority and then arrival, as vLLM's two policies are. */
import type { LiveRequests } from "./live-requests.ts"
import { makeSlotHeap } from "./slot-heap.ts"
import { joinBack, joinFront, leaveLine, makeSlotLine } from "./slot-line.ts"

export interface WaitingLine {
  readonly count: () => number
  /** Who is next; -1 when nobody waits. */
  readonly first: () => number
  readonly join: (slot: number) => void
  /** Back into the line after preemption: to its front; by priority, to where it belongs. */
  readonly rejoin: (slot: number) => void
  readonly leave: (slot: number) => void
  /** Everybody who waits, in order. Allocates. */
  readonly all: () => readonly number[]
}

export const makeWaitingLine = (live: LiveRequests, order: "arrival" | "priority"): WaitingLine =>
  order === "arrival" ? byArrival(live) : byPriority(live)

const byArrival = (live: LiveRequests): WaitingLine => {
  const line = makeSlotLine()
  return {
    count: () => line.count,
    first: () => line.first,
    join: (slot) => joinBack(live, line, slot),
    rejoin: (slot) => joinFront(live, line, slot),
    leave: (slot) => leaveLine(live, line, slot),
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
