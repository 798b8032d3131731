/**
 * Fixed batches, as a server without continuous batching runs them: prompts together in one step, then decodes until the
 * longest answer is complete. Who has ended stays in the batch, computed like the others, and all results leave together.
 *
 * `static` starts when as many as a batch takes are waiting, or when nobody else can come; `dynamic` also when the oldest has
 * waited for the timeout.
 */
import { phase } from "../live/live-requests.ts"
import { joinBack } from "../live/slot-line.ts"
import { addChunk, clearPart, type Part, type Policy, type Scheduler, tokensToCompute } from "./scheduler.ts"

/** @param timeoutSeconds  longest wait of the oldest request; Infinity for static batches */
export const fixedBatches = (timeoutSeconds: number): Policy => ({
  mayLeap: true,
  isFixed: true,
  plan: (scheduler, part, now) => {
    clearPart(part)
    if (part.decodes.count > 0) part.isDecoding = true
    else if (isTime(scheduler, timeoutSeconds, now)) startBatch(scheduler, part, now)
  }
})

const isTime = (scheduler: Scheduler, timeoutSeconds: number, now: number): boolean => {
  const { live, waiting, rules } = scheduler
  const oldest = waiting.first()
  scheduler.wakeAt = Infinity
  if (oldest < 0) return false
  if (waiting.count() >= rules.maximumSequences) return true
  if (timeoutSeconds === Infinity) return scheduler.isLastCall
  const due = live.queuedAt[oldest]! + timeoutSeconds
  if (now >= due) return true
  scheduler.wakeAt = due
  return false
}

/** Takes from the head of the line as many as a batch and the cache hold: each sequence grows until the longest has ended. */
const startBatch = (scheduler: Scheduler, part: Part, now: number): void => {
  const { live, log, cache, rules, running, waiting, totals } = scheduler
  const members: number[] = []
  let longest = 0
  let blocks = 0
  const blocksOf = (slot: number, output: number): number => cache.blocksFor(live.prompt[slot]! + output - 1)
  while (members.length < rules.maximumSequences) {
    const slot = waiting.first()
    if (slot < 0) break
    const output = Math.max(longest, live.target[slot]!)
    const before = output > longest ? members.reduce((sum, member) => sum + blocksOf(member, output), 0) : blocks
    const total = before + blocksOf(slot, output)
    if (total > cache.queue.free) break
    blocks = total
    longest = output
    waiting.leave(slot)
    members.push(slot)
  }
  for (const slot of members) {
    joinBack(live, running, slot)
    live.phase[slot] = phase.prefilling
    const reserved = blocksOf(slot, longest)
    live.reserved[slot] = reserved
    cache.queue.take(reserved)
    // Sent again, because its replica failed, it has had its first step.
    if (Number.isNaN(log.scheduled[live.request[slot]!]!)) {
      log.scheduled[live.request[slot]!] = now
      scheduler.onFirstStep(slot)
    }
    totals.recomputedTokens += live.lost[slot]!
    live.lost[slot] = 0
    // Who had tokens already on a replica that failed has them computed with its prompt.
    addChunk(scheduler, part, slot, tokensToCompute(live, slot))
  }
}
