/**
 * Tokens that speculation adds to a step: every sequence has emitted one, and draws how many of its proposals were accepted.
 *
 * Keys and values of accepted tokens take blocks at once; where none is free the rest is thrown away, and the sequence waits for
 * its turn to preempt as any other. The room that engines keep for proposals not yet verified (at most a block a sequence) is not
 * counted.
 */
import { phase } from "../live/live-requests.ts"
import type { Part, Scheduler } from "../policy/scheduler.ts"
import type { Acceptance } from "./acceptance.ts"
import { joinSet, leaveSet } from "./decode-set.ts"

/**
 * Lets the sequences of a part that have just emitted a token emit what was accepted besides.
 *
 * @returns tokens emitted besides, all sequences together
 */
export const emitAccepted = (scheduler: Scheduler, part: Part, acceptance: Acceptance): number => {
  const { live, cache, running } = scheduler
  const { decodes } = part
  let emitted = 0
  for (let slot = running.first; slot >= 0; slot = live.next[slot]!) {
    if (live.phase[slot] !== phase.decoding || live.set[slot] !== decodes.index) continue
    const accepted = acceptance.draw()
    if (accepted === 0) continue
    const done = decodes.steps - live.joinedSteps[slot]!
    const left = live.target[slot]! - live.generated[slot]! - done
    const extra = affordable(scheduler, part, slot, Math.min(accepted, left))
    if (extra === 0) continue
    const computed = live.computed[slot]! + done
    if (decodes.rules.grows) cache.queue.take(cache.blocksFor(computed + extra) - cache.blocksFor(computed))
    leaveSet(live, decodes, slot)
    live.generated[slot] = live.generated[slot]! + extra
    live.computed[slot] = live.computed[slot]! + extra
    joinSet(live, decodes, slot)
    emitted += extra
  }
  return emitted
}

/** As many of the accepted tokens as there are blocks for. */
const affordable = ({ live, cache }: Scheduler, { decodes }: Part, slot: number, wanted: number): number => {
  if (!decodes.rules.grows) return wanted
  const computed = live.computed[slot]! + decodes.steps - live.joinedSteps[slot]!
  const held = cache.blocksFor(computed)
  let extra = wanted
  while (extra > 0 && cache.blocksFor(computed + extra) - held > cache.queue.free) extra--
  return extra
}
