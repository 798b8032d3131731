/**
 * Sequences that decode together, one token a step, as sums.
 *
 * A step costs O(1) whatever the batch: the sums move by known amounts, a request's last token is known in advance as a step
 * number, and how many sequences need a new block in a step is a count by residue class: a sequence that needs one in a step
 * needs the next one `blockTokens` steps later. Only who joins or leaves costs something.
 *
 * Before step number s (from 0) the set has done s steps. A sequence with c cached tokens needs a block for step s when
 * c is a multiple of the block, so its class is s - c modulo blockTokens.
 */
import { phase, type LiveRequests } from "../live/live-requests.ts"
import { makeSlotHeap, type SlotHeap } from "../live/slot-heap.ts"
import type { GapLog } from "./gap-log.ts"

/** What a decode set is about, the same for every set of a scheduler. */
export interface DecodeRules {
  /** Sequences take blocks as they grow; false where they were reserved at admission. */
  readonly grows: boolean
  readonly blockTokens: number
  /** Tokens of the sliding window; Infinity = none. */
  readonly window: number
  /** Nothing beyond the window is kept: a sequence that fills it takes no more blocks. */
  readonly keepsWindow: boolean
}

export interface DecodeSet {
  readonly index: number
  readonly rules: DecodeRules
  /** Sequences in a step's batch. In a fixed batch also those whose own tokens are all out. */
  count: number
  /** Sequences that still emit tokens. */
  emitting: number
  /** Tokens that the sequences attend to in the next step, their new ones included: sum, and sum cut at the window. */
  context: number
  windowed: number
  /** Sequences whose attended tokens are still fewer than the window. */
  growing: number
  /** Steps done. */
  steps: number
  /** Sequences by the residue of the steps for which they need a block. */
  readonly residues: Int32Array
  /** By the number of steps after which the last token is out. */
  readonly ends: SlotHeap
  /** By the number of steps after which the context fills the window. */
  readonly crossings: SlotHeap
  /** Sequences by when their latest token left. The first group is of those that emitted in the set's latest step. */
  readonly tokenTimes: number[]
  readonly tokenCounts: number[]
}

export const makeDecodeSet = (live: LiveRequests, rules: DecodeRules, index: number): DecodeSet => ({
  index,
  rules,
  count: 0,
  emitting: 0,
  context: 0,
  windowed: 0,
  growing: 0,
  steps: 0,
  residues: new Int32Array(rules.grows ? rules.blockTokens : 0),
  ends: makeSlotHeap(live, "endPlace"),
  crossings: makeSlotHeap(live, "crossingPlace"),
  tokenTimes: [],
  tokenCounts: []
})

const takesBlocks = ({ grows, keepsWindow, window }: DecodeRules, attended: number): boolean =>
  grows && !(keepsWindow && attended >= window)

const countResidue = ({ steps, rules, residues }: DecodeSet, computed: number, change: 1 | -1): void => {
  const { blockTokens } = rules
  const remainder = (steps - computed) % blockTokens
  const residue = remainder < 0 ? remainder + blockTokens : remainder
  residues[residue] = residues[residue]! + change
}

/** A request whose prompt is computed, and whose latest token left at `lastToken`, decodes from the next step on. */
export const joinSet = (live: LiveRequests, set: DecodeSet, slot: number): void => {
  const { rules } = set
  const generated = live.generated[slot]!
  const attended = live.prompt[slot]! + generated
  live.phase[slot] = phase.decoding
  live.set[slot] = set.index
  live.joinedSteps[slot] = set.steps
  set.count++
  set.emitting++
  set.context += attended
  if (attended < rules.window) {
    set.windowed += attended
    if (rules.window < Infinity) {
      set.growing++
      set.crossings.push(slot, set.steps + rules.window - attended)
    }
  } else set.windowed += rules.window
  if (takesBlocks(rules, attended)) countResidue(set, live.computed[slot]!, 1)
  set.ends.push(slot, set.steps + live.target[slot]! - generated)
  const lastToken = live.lastToken[slot]!
  const group = set.tokenTimes.indexOf(lastToken)
  if (group >= 0) set.tokenCounts[group] = set.tokenCounts[group]! + 1
  else {
    set.tokenTimes.push(lastToken)
    set.tokenCounts.push(1)
  }
}

/** Writes back how far a request has come, and takes it out of the sums. Its phase is the caller's to set. */
export const leaveSet = (live: LiveRequests, set: DecodeSet, slot: number): void => {
  const { rules } = set
  updateProgress(live, set, slot)
  const attended = live.prompt[slot]! + live.generated[slot]!
  set.count--
  set.emitting--
  set.context -= attended
  if (attended < rules.window) {
    set.windowed -= attended
    if (rules.window < Infinity) {
      set.growing--
      set.crossings.remove(slot)
    }
  } else set.windowed -= rules.window
  if (takesBlocks(rules, attended)) countResidue(set, live.computed[slot]!, -1)
  set.ends.remove(slot)
  const group = set.tokenTimes.indexOf(live.lastToken[slot]!)
  set.tokenCounts[group] = set.tokenCounts[group]! - 1
  if (set.tokenCounts[group] === 0) {
    set.tokenTimes.splice(group, 1)
    set.tokenCounts.splice(group, 1)
  }
}

/** Brings the columns of a decoding request up to date. */
export const updateProgress = (live: LiveRequests, set: DecodeSet, slot: number): void => {
  const done = set.steps - live.joinedSteps[slot]!
  if (done === 0) return
  live.generated[slot] = live.generated[slot]! + done
  live.computed[slot] = live.computed[slot]! + done
  live.joinedSteps[slot] = set.steps
  live.lastToken[slot] = set.tokenTimes[0]!
}

/** Tokens that a decoding request has generated. */
export const generatedSoFar = (live: LiveRequests, set: DecodeSet, slot: number): number =>
  live.generated[slot]! + set.steps - live.joinedSteps[slot]!

/** Sequences that take blocks as they grow. */
const takingBlocks = ({ count, growing, rules }: DecodeSet): number => (rules.keepsWindow ? growing : count)

/** Blocks that the sequences need for the next `steps` steps. */
export const blocksNeeded = (set: DecodeSet, steps: number): number => {
  if (!set.rules.grows) return 0
  const { residues } = set
  const { blockTokens } = set.rules
  const cycles = Math.floor(steps / blockTokens)
  let need = cycles * takingBlocks(set)
  const first = set.steps % blockTokens
  const left = steps - cycles * blockTokens
  for (let step = 0; step < left; step++) need += residues[(first + step) % blockTokens]!
  return need
}

/** Most steps, up to `limit`, for which `free` blocks are enough. */
export const stepsThatFit = (set: DecodeSet, limit: number, free: number): number => {
  if (!set.rules.grows || set.count === 0) return limit
  const { residues } = set
  const { blockTokens } = set.rules
  const taking = takingBlocks(set)
  if (Math.ceil(limit / blockTokens) * taking <= free) return limit
  const cycles = Math.floor(free / taking)
  let need = cycles * taking
  let steps = cycles * blockTokens
  // Less than a whole cycle is left.
  for (let residue = set.steps % blockTokens; steps < limit; steps++) {
    need += residues[residue]!
    if (need > free) return steps
    residue = residue + 1 === blockTokens ? 0 : residue + 1
  }
  return limit
}

/** Steps until the first sequence ends or fills the window; Infinity for an empty set. */
export const undisturbedSteps = (set: DecodeSet): number =>
  Math.min(set.ends.firstKey(), set.crossings.firstKey()) - set.steps

/** When steps began, how long the first took, and what each later one took more. */
export interface Stride {
  readonly start: number
  readonly first: number
  readonly increment: number
}

/** Does `steps` steps, the last of which ends at `end`; the sequences emit a token at the end of each. */
export const advanceSet = (set: DecodeSet, stride: Stride, steps: number, end: number, gaps: GapLog): void => {
  addGaps(set, stride, steps, gaps)
  const { tokenTimes, tokenCounts } = set
  tokenTimes.length = 1
  tokenCounts.length = 1
  tokenTimes[0] = end
  tokenCounts[0] = set.emitting
  set.steps += steps
  set.context += set.count * steps
  if (set.rules.window === Infinity) {
    set.windowed = set.context
    return
  }
  set.windowed += set.growing * steps
  while (set.crossings.firstKey() <= set.steps) {
    // Its context is the window from now on.
    if (set.rules.grows && set.rules.keepsWindow) countResidue(set, set.rules.window - 1, -1)
    set.crossings.remove(set.crossings.first())
    set.growing--
  }
}

/** The first gap of those who waited before the step (for other requests' prompts, say) is longer than the step. */
const addGaps = (
  { tokenTimes, tokenCounts, emitting }: DecodeSet,
  { start, first, increment }: Stride,
  steps: number,
  gaps: GapLog
): void => {
  if (tokenTimes.length === 1 && tokenTimes[0] === start) {
    gaps.add(first, increment, steps, emitting)
    return
  }
  for (let group = 0; group < tokenTimes.length; group++)
    gaps.add(start + first - tokenTimes[group]!, 0, 1, tokenCounts[group]!)
  gaps.add(first + increment, increment, steps - 1, emitting)
}

/** A member of a fixed batch has all its tokens: it stays in the batch and emits no more. */
export const stopEmitting = (live: LiveRequests, set: DecodeSet, slot: number): void => {
  updateProgress(live, set, slot)
  set.ends.remove(slot)
  set.emitting--
  set.tokenCounts[0] = set.tokenCounts[0]! - 1
  live.phase[slot] = phase.idle
}

/** A fixed batch has ended. */
export const clearSet = (set: DecodeSet): void => {
  set.count = 0
  set.emitting = 0
  set.context = 0
  set.windowed = 0
  set.growing = 0
  set.tokenTimes.length = 0
  set.tokenCounts.length = 0
}
