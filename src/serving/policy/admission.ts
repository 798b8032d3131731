/** Admission: the head of the waiting line starts to run if the step's budget, the batch and the blocks allow it. */
import { waitingForBlocks } from "../cache/tiers/scheduler-tiers.ts"
import { hasAdapterPlace, takeAdapter } from "../adapters/running-adapters.ts"
import { joinSet } from "../batch/decode-set.ts"
import { phase } from "../live/live-requests.ts"
import { joinBack } from "../live/slot-line.ts"
import { addChunk, type Part, type Scheduler, sequencesIn, tokensToCompute } from "./scheduler.ts"

/**
 * Admits from the head of the waiting line while it can; who cannot be admitted holds up everybody behind (vLLM, Sarathi and
 * Orca alike).
 *
 * @param budget  tokens left in the step
 * @param whom    everybody, or only who waits with blocks in host memory
 */
export const admitWaiting = (
  scheduler: Scheduler,
  part: Part,
  budget: number,
  now: number,
  whom: "all" | "swapped"
): void => {
  const { live, rules, running, waiting, tiers } = scheduler
  let left = tiers !== null && whom === "all" ? budget - admitFetched(scheduler, part, budget, now) : budget
  /** Who waits for an adapter's place lets others go by, as in vLLM. */
  let aside: number[] | null = null
  // Who waits for blocks from a tier has its place already.
  while (
    left > 0 &&
    running.count + waitingForBlocks(tiers) < rules.maximumSequences &&
    sequencesIn(part) < rules.maximumInBatch
  ) {
    const slot = waiting.first()
    if (slot < 0 || (whom === "swapped" && live.swapped[slot] === 0)) break
    if (!hasAdapterPlace(scheduler, slot)) {
      waiting.leave(slot)
      aside ??= []
      aside.push(slot)
      if (aside.length === mostAside) break
      continue
    }
    const tokens = admit(scheduler, part, slot, left, now)
    if (tokens === 0) break
    if (tokens !== fetches) left -= tokens
  }
  if (aside === null) return
  for (let place = aside.length - 1; place >= 0; place--) waiting.rejoin(aside[place]!)
}

/** Requests without a place for their adapter that are passed over in a step, at most: a long line is not searched to its end. */
const mostAside = 1000

/** In place of a request's tokens in the step: it is out of the line and fetches blocks. */
const fetches = -1

/** Admits a waiting request with at most so many tokens; answers its tokens in the step, 0 when it has to wait, or `fetches`. */
export const admit = (scheduler: Scheduler, part: Part, slot: number, budget: number, now: number): number =>
  scheduler.live.swapped[slot]! > 0
    ? swapIn(scheduler, part, slot, budget, now)
    : startPrompt(scheduler, part, slot, budget, now)

const startPrompt = (scheduler: Scheduler, part: Part, slot: number, budget: number, now: number): number => {
  const { live, cache, rules, running, waiting, partials } = scheduler
  const total = tokensToCompute(live, slot)
  const hits = cache.lookUp(slot)
  const cached = hits * cache.blockTokens
  const tokens = chunkOf(scheduler, part, total - cached, budget)
  if (tokens === 0) return 0
  const blocks = reservation(scheduler, slot, total, cached + tokens)
  // Hits that nobody uses come out of the free blocks as well.
  if (!isRoom(scheduler, blocks - hits + cache.hitsInQueue)) return 0
  if (scheduler.tiers !== null) {
    const answer = fetchFirst(scheduler, slot, hits, total, now)
    if (answer !== 1) return answer
  }

  waiting.leave(slot)
  cache.claim(slot, hits)
  cache.queue.take(blocks - hits)
  joinBack(live, running, slot)
  live.phase[slot] = phase.prefilling
  live.reserved[slot] = rules.reserves === "chunk" ? 0 : blocks
  live.computed[slot] = cached
  countStart(scheduler, slot, total, cached, now)
  takeAdapter(scheduler, part, slot)
  addChunk(scheduler, part, slot, tokens)
  if (cached + tokens < total) partials.push(slot)
  return tokens
}

/**
 * Whether a request fetches blocks from a tier before anything is computed: `fetches` where it does now, 0 where it will when
 * its whole prompt has room, 1 where it does not. Until there is that room, nothing depends on what is in the tiers.
 */
const fetchFirst = (scheduler: Scheduler, slot: number, hits: number, total: number, now: number): number => {
  const { live, cache, waiting, fetcher } = scheduler
  const tiers = scheduler.tiers!
  const { hitsInQueue } = cache
  const held = Math.max(cache.blocksFor(total), reservation(scheduler, slot, total, total))
  const hasRoom = isRoom(scheduler, held - hits + hitsInQueue)
  if (live.wantsRoom[slot] === 1 && !hasRoom) return 0
  const plan = fetcher!.plan(tiers, slot, hits, total)
  live.wantsRoom[slot] = plan !== null && !hasRoom ? 1 : 0
  if (plan === null) return 1
  if (!hasRoom) return 0
  waiting.leave(slot)
  fetcher!.protect(tiers, slot, hits, plan)
  cache.claim(slot, hits)
  cache.queue.take(held - hits)
  live.reserved[slot] = held
  fetcher!.start(tiers, slot, hits, plan, now)
  return fetches
}

/** Those whose blocks have arrived from a tier go on, in that order; answers their tokens in the step. */
const admitFetched = (scheduler: Scheduler, part: Part, budget: number, now: number): number => {
  const { live, log, rules, running, partials, fetcher } = scheduler
  const { ready } = scheduler.tiers!
  let used = 0
  let kept = 0
  for (const slot of ready) {
    const isFull = running.count >= rules.maximumSequences || sequencesIn(part) >= rules.maximumInBatch
    const total = tokensToCompute(live, slot)
    const cached = live.computed[slot]!
    const tokens =
      isFull || used >= budget || !hasAdapterPlace(scheduler, slot)
        ? 0
        : chunkOf(scheduler, part, total - cached, budget - used)
    if (tokens === 0) {
      ready[kept++] = slot
      continue
    }
    fetcher!.taken(scheduler.tiers!, slot, Number.isNaN(log.scheduled[live.request[slot]!]!))
    joinBack(live, running, slot)
    live.phase[slot] = phase.prefilling
    countStart(scheduler, slot, total, cached, now)
    takeAdapter(scheduler, part, slot)
    addChunk(scheduler, part, slot, tokens)
    if (cached + tokens < total) partials.push(slot)
    used += tokens
  }
  ready.length = kept
  return used
}

/** A request starts, or goes on after a preemption, with so many of its tokens cached. */
const countStart = (scheduler: Scheduler, slot: number, total: number, cached: number, now: number): void => {
  const { live, log, totals } = scheduler
  const request = live.request[slot]!
  if (Number.isNaN(log.scheduled[request]!)) {
    log.scheduled[request] = now
    log.cached[request] = cached
    totals.prefixLookups++
    totals.prefixLookupTokens += total
    totals.prefixHitTokens += cached
    scheduler.onFirstStep(slot)
  } else resume(scheduler, slot, now)
  totals.recomputedTokens += Math.max(0, live.lost[slot]! - cached)
  live.lost[slot] = 0
}

const resume = ({ live, log, onResume }: Scheduler, slot: number, now: number): void => {
  const request = live.request[slot]!
  const since = live.preemptedAt[slot]!
  if (Number.isNaN(since)) return
  log.preemptedSeconds[request] = log.preemptedSeconds[request]! + now - since
  live.preemptedAt[slot] = NaN
  onResume(slot, since, now)
}

/** Brings a request's blocks back from the host; it goes on where it was. Answers its tokens in the step, 0 when it waits on. */
const swapIn = (scheduler: Scheduler, part: Part, slot: number, budget: number, now: number): number => {
  const { live, cache, rules, running, waiting, partials, swap, totals } = scheduler
  const total = tokensToCompute(live, slot)
  const computed = live.computed[slot]!
  const isDecode = computed === total - 1 && live.generated[slot]! > 0
  const tokens = isDecode ? 1 : chunkOf(scheduler, part, total - computed, budget)
  if (tokens === 0) return 0
  const blocks = reservation(scheduler, slot, total, computed + tokens)
  if (!isRoom(scheduler, blocks)) return 0

  waiting.leave(slot)
  cache.queue.take(blocks)
  joinBack(live, running, slot)
  live.reserved[slot] = rules.reserves === "chunk" || (rules.reserves === "prompt" && isDecode) ? 0 : blocks
  swap.freeBlocks += live.swapped[slot]!
  swap.requests--
  live.swapped[slot] = 0
  totals.swappedTokens += computed
  part.swapSeconds += computed * swap.secondsPerToken
  takeAdapter(scheduler, part, slot)
  resume(scheduler, slot, now)
  if (isDecode) {
    joinSet(live, part.decodes, slot)
    part.isDecoding = true
  } else {
    live.phase[slot] = phase.prefilling
    addChunk(scheduler, part, slot, tokens)
    if (computed + tokens < total) partials.push(slot)
  }
  return tokens
}

/** Tokens of a prompt that go into the step; 0 when they have to wait. */
const chunkOf = ({ rules }: Scheduler, part: Part, left: number, budget: number): number => {
  if (rules.chunked) return Math.min(left, rules.chunkCap, budget)
  // A prompt that no step could hold goes alone rather than never.
  return left <= budget || (left > rules.budget && part.chunks === 0 && part.ahead === 0) ? left : 0
}

/** Blocks that a request has after its admission, with `upTo` of its `total` tokens computed. */
const reservation = (
  { live, cache, rules, maximumSequence }: Scheduler,
  slot: number,
  total: number,
  upTo: number
): number => {
  if (rules.reserves === "chunk") return cache.blocksFor(upTo)
  if (rules.reserves === "prompt") return cache.blocksFor(total)
  if (rules.reserves === "longest") return Math.min(cache.blocks, cache.blocksFor(maximumSequence))
  return cache.blocksFor(live.prompt[slot]! + live.target[slot]! - 1)
}

/** An admission leaves the watermark free, unless nothing runs that could ever free more. */
const isRoom = ({ cache, rules, running, tiers }: Scheduler, blocks: number): boolean =>
  blocks <= cache.queue.free - (running.count + waitingForBlocks(tiers) === 0 ? 0 : rules.watermark)
