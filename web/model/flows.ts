/** Arrows at a slice: what it waited for, and what waited for it. */
import type { Trace } from "../../src/trace/index.ts"

export interface FlowIndex {
  readonly into: (slice: number) => readonly number[]
  readonly outOf: (slice: number) => readonly number[]
}

/** Flow ends by slice, as lists in compressed rows. */
export const flowIndex = ({ flows, slices }: Trace): FlowIndex => {
  const rows = (ends: Int32Array, others: Int32Array) => {
    const first = new Uint32Array(slices.track.length + 1)
    for (const end of ends) first[end + 1]!++
    for (let slice = 0; slice < slices.track.length; slice++) first[slice + 1]! += first[slice]!
    const next = first.slice()
    const other = new Uint32Array(ends.length)
    ends.forEach((end, flow) => {
      other[next[end]!++] = others[flow]!
    })
    return (slice: number): readonly number[] => [...other.subarray(first[slice] ?? 0, first[slice + 1] ?? 0)]
  }
  return { into: rows(flows.to, flows.from), outOf: rows(flows.from, flows.to) }
}
