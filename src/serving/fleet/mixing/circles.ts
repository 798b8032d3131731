/**
 * Answers that wait for one another: two replicas that stand in for each other hold prompts which are to go on at the other, and
 * the blocks that those wait for are each other's. Nothing would ever happen. So of idle replicas the prompt at the head of the
 * other's line stays where it is.
 */
import { waitingForBlocks } from "../../cache/tiers/scheduler-tiers.ts"
import { phase } from "../../live/live-requests.ts"
import type { Replica } from "../../replica/replica.ts"
import type { Run } from "../../server/run.ts"
import { moveOf } from "../move-slots.ts"
import { sourceOf } from "../moves.ts"

/** Requests (slots at their prompts) that nothing will ever move, of replicas that have just decided what to do. */
export const circling = (run: Run, decided: Iterable<Replica>): readonly number[] => {
  const found = new Set<number>()
  for (const replica of decided) {
    if (replica.inFlight > 0 || replica.pool.mixing === null) continue
    for (const { incoming, handing } of replica.schedulers) {
      if (incoming.count() > 0) note(run, sourceOf(run, incoming.first()), found)
      if (handing.count() > 0) for (const slot of handing.all()) note(run, slot, found)
    }
  }
  return [...found]
}

const note = (run: Run, slot: number, found: Set<number>): void => {
  const { live, replicas } = run
  const move = moveOf(run, slot)
  if (move === undefined || move.isReserved || live.phase[slot] !== phase.handing) return
  const target = replicas[live.replica[move.to]!]!
  const isNext = target.schedulers[live.group[move.to]!]!.incoming.first() === move.to
  if (isNext && isStuck(target) && isIdle(replicas[live.replica[slot]!]!)) found.add(slot)
}

/** It does nothing, nor will when blocks have come from a tier. */
const isIdle = ({ inFlight, schedulers }: Replica): boolean =>
  inFlight === 0 && schedulers.every(({ tiers }) => waitingForBlocks(tiers) === 0)

/** It does nothing, and nobody is on the way to it. */
const isStuck = (replica: Replica): boolean =>
  isIdle(replica) && replica.schedulers.every(({ promised, arrived }) => promised.length + arrived.length === 0)
