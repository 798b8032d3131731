/** Lines of slots, linked through the columns `next` and `previous`: a slot is in one line at a time, and leaves it in O(1). */
import type { LiveRequests } from "./live-requests.ts"

/** First and last slot, -1 when empty. */
export interface SlotLine {
  first: number
  last: number
  count: number
}

export const makeSlotLine = (): SlotLine => ({ first: -1, last: -1, count: 0 })

export const joinBack = (live: LiveRequests, line: SlotLine, slot: number): void => {
  live.previous[slot] = line.last
  live.next[slot] = -1
  if (line.last >= 0) live.next[line.last] = slot
  else line.first = slot
  line.last = slot
  line.count++
}

export const joinFront = (live: LiveRequests, line: SlotLine, slot: number): void => {
  live.next[slot] = line.first
  live.previous[slot] = -1
  if (line.first >= 0) live.previous[line.first] = slot
  else line.last = slot
  line.first = slot
  line.count++
}

export const leaveLine = (live: LiveRequests, line: SlotLine, slot: number): void => {
  const before = live.previous[slot]!
  const after = live.next[slot]!
  if (before >= 0) live.next[before] = after
  else line.first = after
  if (after >= 0) live.previous[after] = before
  else line.last = before
  line.count--
}
