/**
 * The decode side's part in a step: who has arrived joins the batch before it is planned, and who waits for blocks gets them
 * after it, so that what runs goes first (vLLM allocates for requests that wait for remote keys and values in the same place).
 */
import { hasAdapterPlace, takeAdapter } from "../adapters/running-adapters.ts"
import { joinSet } from "../batch/decode-set.ts"
import { joinBack } from "../live/slot-line.ts"
import { clearPart, type Part, type Policy, type Scheduler, sequencesIn } from "../policy/scheduler.ts"

const loading = { swapSeconds: 0 }

/** @param onReserved  a request has its blocks; so many of its tokens were there already */
export const decodeSide = (policy: Policy, onReserved: (slot: number, hits: number, now: number) => void): Policy => ({
  ...policy,
  plan: (scheduler, part, now) => {
    loading.swapSeconds = 0
    // Prompts of its last step take no place in this one.
    clearPart(part)
    joinArrived(scheduler, part, loading)
    policy.plan(scheduler, part, now)
    part.swapSeconds += loading.swapSeconds
    if (!part.hasPreempted) giveBlocks(scheduler, onReserved, now)
  }
})

/** @param loading  gets the seconds of adapters that have to be loaded: the part is cleared before it is planned */
const joinArrived = (scheduler: Scheduler, part: Part, loading: { swapSeconds: number }): void => {
  const { live, running, rules, arrived } = scheduler
  if (arrived.length === 0) return
  let kept = 0
  for (const slot of arrived) {
    const isFull = running.count >= rules.maximumSequences || sequencesIn(part) >= rules.maximumInBatch
    if (isFull || !hasAdapterPlace(scheduler, slot)) {
      arrived[kept++] = slot
      continue
    }
    joinBack(live, running, slot)
    joinSet(live, part.decodes, slot)
    takeAdapter(scheduler, loading, slot)
  }
  arrived.length = kept
}

/** From the head of the line, as long as there is room; nobody overtakes. */
const giveBlocks = (
  scheduler: Scheduler,
  onReserved: (slot: number, hits: number, now: number) => void,
  now: number
): void => {
  const { live, cache, rules, incoming, promised, running, arrived } = scheduler
  for (let slot = incoming.first(); slot >= 0; slot = incoming.first()) {
    const hits = cache.lookUp(slot)
    const prompt = live.prompt[slot]!
    const blocks = blocksOf(scheduler, prompt, prompt + live.target[slot]! - 1)
    // Admission leaves the watermark free unless nobody is there who could ever free more.
    const isAlone = running.count + arrived.length + promised.length === 0
    if (blocks - hits + cache.hitsInQueue > cache.queue.free - (isAlone ? 0 : rules.watermark)) return
    incoming.leave(slot)
    cache.claim(slot, hits)
    cache.queue.take(blocks - hits)
    live.reserved[slot] = rules.reserves === "sequence" || rules.reserves === "longest" ? blocks : 0
    promised.push(slot)
    onReserved(slot, hits * cache.blockTokens, now)
  }
}

/** Blocks that a request is given: for its prompt, or with reservation for all of its tokens. */
export const blocksOf = ({ cache, rules, maximumSequence }: Scheduler, prompt: number, whole: number): number => {
  if (rules.reserves === "longest") return Math.min(cache.blocks, cache.blocksFor(maximumSequence))
  return cache.blocksFor(rules.reserves === "sequence" ? whole : prompt)
}
