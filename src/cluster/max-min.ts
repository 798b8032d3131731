/**
 * Max-min fair rates by progressive filling (Bertsekas & Gallager, Data Networks, section 6.5.2): the link with the
 * least room per unfinished flow fixes its flows at that share; a flow that cannot take the share is fixed at its own
 * bound first; what is left is filled again.
 */

/** Flows and links as the network stores them, by slot and by link id. */
export interface Sharing {
  readonly capacities: Float64Array
  readonly flowsOn: readonly (readonly number[])[]
  readonly linksOf: readonly (readonly number[])[]
  readonly weightOf: readonly (number | readonly number[])[]
  /** Bytes/s that a flow takes at most. */
  readonly bound: Float64Array
  /** Result: bytes/s of each flow that was filled. */
  readonly newRate: Float64Array
  /** A link takes part when its mark is the current one. */
  readonly linkMark: Int32Array
  readonly mark: number
  /** Scratch by link: bytes/s left, weight and number of the flows that are not fixed yet. */
  readonly room: Float64Array
  readonly load: Float64Array
  readonly open: Int32Array
}

/** Shares this close are one level: rounding must not split what is equal. */
const level = 1 + 1e-13
const unfixed = -1

/** Weight on the i-th link of a path. */
export const weightAt = (weight: number | readonly number[], i: number): number =>
  typeof weight === "number" ? weight : (weight[i] ?? 1)

const fix = (sharing: Sharing, slot: number, rate: number): void => {
  const { linksOf, weightOf, newRate, linkMark, mark, room, load, open } = sharing
  newRate[slot] = rate
  const path = linksOf[slot]!
  for (let i = 0; i < path.length; i++) {
    const link = path[i]!
    if (linkMark[link] !== mark) continue
    const weight = weightAt(weightOf[slot]!, i)
    room[link] = Math.max(0, room[link]! - rate * weight)
    load[link]! -= weight
    open[link]!--
  }
}

/**
 * Rates of these flows over these links, into `newRate`. The links hold every flow on them, and the flows every link
 * that may bind.
 */
export const fill = (sharing: Sharing, flows: readonly number[], links: readonly number[]): void => {
  const { capacities, flowsOn, linksOf, weightOf, bound, newRate, linkMark, mark, room, load, open } = sharing
  for (const link of links) {
    room[link] = capacities[link]!
    load[link] = 0
    open[link] = 0
  }
  for (const slot of flows) {
    newRate[slot] = unfixed
    const path = linksOf[slot]!
    for (let i = 0; i < path.length; i++) {
      const link = path[i]!
      if (linkMark[link] !== mark) continue
      load[link]! += weightAt(weightOf[slot]!, i)
      open[link]!++
    }
  }
  for (;;) {
    let share = Infinity
    for (const link of links) if (open[link]! > 0) share = Math.min(share, room[link]! / load[link]!)
    let isBounded = false
    for (const slot of flows)
      if (newRate[slot] === unfixed && bound[slot]! <= share) {
        fix(sharing, slot, bound[slot]!)
        isBounded = true
      }
    if (isBounded) continue
    if (share === Infinity) return
    for (const link of links) {
      if (open[link] === 0 || room[link]! / load[link]! > share * level) continue
      for (const slot of flowsOn[link]!) if (newRate[slot] === unfixed) fix(sharing, slot, share)
    }
  }
}
