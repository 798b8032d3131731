/**
 * Requests held at the front door: while no replica that could take them is open, and, of classes that may be deferred, while
 * their first token would come later than their goal. First come, first served; who is deferred holds up nobody who is not.
 */
import type { Entrance } from "../replica/replica.ts"
import type { DoorLog } from "./routing/types.ts"
import type { LiveRequests } from "../live/live-requests.ts"
import type { GrowingRequestLog } from "../live/request-log.ts"

/** What is written down of a request that leaves the door. */
interface Books {
  readonly live: LiveRequests
  readonly log: GrowingRequestLog
}

export interface Door {
  readonly hold: (entrance: Entrance, slot: number, why: "closed" | "deferred", now: number) => void
  /** Takes a request out; false when it is not held. */
  readonly leave: (books: Books, slot: number, now: number) => boolean
  readonly isHeld: (slot: number) => boolean
  /** Requests held at an entrance. */
  readonly countOf: (entrance: Entrance) => number
  /** A replica of the entrance has opened: those that waited for that, in order; they are held no more. */
  readonly opened: (books: Books, entrance: Entrance, now: number) => readonly number[]
  /** The first that is deferred at an entrance; -1 = nobody. */
  readonly firstDeferred: (entrance: Entrance) => number
  /** The goal of so many could not be met. */
  refused: number
  readonly log: (now: number) => DoorLog
}

interface Held {
  readonly entrance: Entrance
  readonly why: "closed" | "deferred"
  readonly since: number
}

export const makeDoor = (): Door => {
  const held = new Map<number, Held>()
  const lines = { closed: new Map<Entrance, Set<number>>(), deferred: new Map<Entrance, Set<number>>() }
  const counts = { closed: 0, deferred: 0 }
  let heldSeconds = 0
  const lineOf = (why: "closed" | "deferred", entrance: Entrance): Set<number> => {
    const known = lines[why].get(entrance)
    if (known !== undefined) return known
    const made = new Set<number>()
    lines[why].set(entrance, made)
    return made
  }
  const door: Door = {
    refused: 0,
    hold: (entrance, slot, why, now) => {
      held.set(slot, { entrance, why, since: now })
      lineOf(why, entrance).add(slot)
      counts[why]++
    },
    leave: ({ live, log }, slot, now) => {
      const one = held.get(slot)
      if (one === undefined) return false
      held.delete(slot)
      lineOf(one.why, one.entrance).delete(slot)
      const seconds = now - one.since
      heldSeconds += seconds
      if (log.fates !== null) {
        const request = live.request[slot]!
        log.fates.held[request] = log.fates.held[request]! + seconds
      }
      return true
    },
    isHeld: (slot) => held.has(slot),
    countOf: (entrance) => lineOf("closed", entrance).size + lineOf("deferred", entrance).size,
    opened: (books, entrance, now) => {
      const slots = [...lineOf("closed", entrance)]
      for (const slot of slots) door.leave(books, slot, now)
      return slots
    },
    firstDeferred: (entrance) => {
      for (const slot of lineOf("deferred", entrance)) return slot
      return -1
    },
    log: (now) => {
      let seconds = heldSeconds
      for (const { since } of held.values()) seconds += now - since
      return { held: counts.closed, deferred: counts.deferred, refused: door.refused, heldSeconds: seconds }
    }
  }
  return door
}
