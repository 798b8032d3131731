/**
 * Heaps of slots by a key, then by the order of arrival. Each slot knows its place (in a column of its own for each kind of
 * heap), so that a request which ends early leaves in O(log n).
 */
import type { IntegerColumn, LiveRequests } from "./live-requests.ts"

type PlaceColumn = Extract<IntegerColumn, "endPlace" | "crossingPlace" | "waitingPlace">

export interface SlotHeap {
  readonly push: (slot: number, key: number) => void
  /** Takes a slot out, wherever it is; nothing when it is not in the heap. */
  readonly remove: (slot: number) => void
  /** The slot with the smallest key; -1 when empty. */
  readonly first: () => number
  /** The smallest key; Infinity when empty. */
  readonly firstKey: () => number
  readonly count: () => number
}

export const makeSlotHeap = (live: LiveRequests, column: PlaceColumn): SlotHeap => {
  let keys = new Float64Array(64)
  let slots = new Int32Array(64)
  let count = 0

  const isBefore = (key: number, request: number, place: number): boolean => {
    const other = keys[place]!
    return key < other || (key === other && request < live.request[slots[place]!]!)
  }
  const put = (place: number, slot: number, key: number): void => {
    keys[place] = key
    slots[place] = slot
    live[column][slot] = place
  }
  const rise = (start: number, slot: number, key: number): number => {
    const request = live.request[slot]!
    let hole = start
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      if (!isBefore(key, request, parent)) break
      put(hole, slots[parent]!, keys[parent]!)
      hole = parent
    }
    put(hole, slot, key)
    return hole
  }
  const sink = (start: number, slot: number, key: number): void => {
    const request = live.request[slot]!
    let hole = start
    for (let child = 2 * hole + 1; child < count; child = 2 * hole + 1) {
      const right = child + 1
      if (right < count && isBefore(keys[right]!, live.request[slots[right]!]!, child)) child = right
      if (isBefore(key, request, child)) break
      put(hole, slots[child]!, keys[child]!)
      hole = child
    }
    put(hole, slot, key)
  }
  return {
    push: (slot, key) => {
      if (count === keys.length) {
        const [oldKeys, oldSlots] = [keys, slots]
        keys = new Float64Array(2 * count)
        slots = new Int32Array(2 * count)
        keys.set(oldKeys)
        slots.set(oldSlots)
      }
      rise(count++, slot, key)
    },
    remove: (slot) => {
      const hole = live[column][slot]!
      if (hole < 0) return
      live[column][slot] = -1
      count--
      if (hole === count) return
      const moved = slots[count]!
      const key = keys[count]!
      if (rise(hole, moved, key) === hole) sink(hole, moved, key)
    },
    first: () => (count === 0 ? -1 : slots[0]!),
    firstKey: () => (count === 0 ? Infinity : keys[0]!),
    count: () => count
  }
}
