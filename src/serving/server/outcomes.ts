/** What becomes of requests whose tokens left, under policies that decide for every step and under fixed batches. */
import { clearSet, joinSet, stopEmitting } from "../batch/decode-set.ts"
import { phase } from "../live/live-requests.ts"
import type { Outcomes, Part, Scheduler } from "../policy/scheduler.ts"
import { endForeign, replicaForAnswer, stay } from "../fleet/mixing/mixing.ts"
import { ask, promptIsDone } from "../fleet/moves.ts"
import { endRequest, leaveRunning } from "./ending.ts"
import type { Run } from "./run.ts"

/** Requests come and go between steps. */
export const iterationOutcomes = (run: Run): Outcomes => ({
  onLastToken: (scheduler, part, slot, now) => finish(run, scheduler, part, slot, now),
  onPromptDone: (scheduler, part, slot, now) => {
    const { live } = run
    emitAfterPrompt(run, slot, now)
    // From here on its blocks grow with it.
    if (scheduler.rules.reserves === "prompt" || scheduler.rules.reserves === "chunk") live.reserved[slot] = 0
    if (live.generated[slot] === live.target[slot]) finish(run, scheduler, part, slot, now)
    else joinSet(live, part.decodes, slot)
  },
  onSettled: () => undefined
})

/** Requests leave with their first token: who wants more is handed over. */
export const promptOutcomes = (run: Run): Outcomes => ({
  onLastToken: () => undefined,
  onPromptDone: (scheduler, part, slot, now) => {
    const { live } = run
    emitAfterPrompt(run, slot, now)
    if (live.generated[slot] === live.target[slot]) finish(run, scheduler, part, slot, now)
    // Who gave up meanwhile is let go before the next step.
    else if (live.isLeaving[slot] === 0) promptIsDone(run, scheduler, slot, now)
  },
  onSettled: () => undefined
})

/** Replicas that stand in for one another: a request goes on where it is, or is handed over. */
export const mixedOutcomes = (run: Run): Outcomes => ({
  onLastToken: (scheduler, part, slot, now) => finish(run, scheduler, part, slot, now),
  onPromptDone: (scheduler, part, slot, now) => {
    const { live, replicas } = run
    const replica = replicas[live.replica[slot]!]!
    const mixing = replica.pool.mixing!
    emitAfterPrompt(run, slot, now)
    if (live.isForeign[slot] === 1 && replica.pool.server.role === "decode")
      endForeign(mixing, live, replica, slot, now)
    if (live.generated[slot] === live.target[slot]) return finish(run, scheduler, part, slot, now)
    // Who gave up meanwhile is let go before the next step.
    if (live.isLeaving[slot] === 1) return
    if (live.stays[slot] === 0 && live.move[slot]! < 0) {
      const target = replicaForAnswer(mixing, live, replica, slot, now)
      if (target === replica) stay(mixing, live, replica, slot, now)
      else ask(run, slot, target, now)
    }
    if (live.stays[slot] === 0) return promptIsDone(run, scheduler, slot, now)
    if (scheduler.rules.reserves === "prompt" || scheduler.rules.reserves === "chunk") live.reserved[slot] = 0
    joinSet(live, part.decodes, slot)
  },
  onSettled: () => undefined
})

/** Who has all its tokens stays until everybody has. */
export const fixedOutcomes = (run: Run): Outcomes => ({
  onLastToken: (_scheduler, part, slot) => stopEmitting(run.live, part.decodes, slot),
  onPromptDone: (_scheduler, part, slot, now) => {
    const { live } = run
    emitAfterPrompt(run, slot, now)
    joinSet(live, part.decodes, slot)
    if (live.generated[slot] === live.target[slot]) stopEmitting(live, part.decodes, slot)
  },
  onSettled: (scheduler, part, now) => {
    if (part.decodes.count > 0 && part.decodes.emitting === 0) endBatch(run, scheduler, part, now)
  }
})

const emitAfterPrompt = ({ live, log, gaps, replicas, life }: Run, slot: number, now: number): void => {
  const request = live.request[slot]!
  const replica = replicas[live.replica[slot]!]!
  replica.queuedTokens -= live.queuedTokens[slot]!
  live.queuedTokens[slot] = 0
  replica.pool.entrance.router.loadChanges(replica)
  if (live.generated[slot] === 0) {
    if (live.isLeaving[slot] === 0) {
      log.firstToken[request] = now + replica.steps.firstTokenSeconds
      life?.firstToken(replica, now, log.firstToken[request] - log.arrival[request]!)
    }
  } else gaps.add(now - live.lastToken[slot]!, 0, 1, 1)
  live.generated[slot] = live.generated[slot]! + 1
  live.lastToken[slot] = now
}

const finish = (run: Run, scheduler: Scheduler, part: Part, slot: number, now: number): void => {
  if (run.live.isLeaving[slot] === 0) endRequest(run, slot, "finished", now)
  leaveRunning(run, scheduler, part, slot)
}

const endBatch = (run: Run, scheduler: Scheduler, part: Part, now: number): void => {
  const { live } = run
  for (let slot = scheduler.running.first; slot >= 0;) {
    const following = live.next[slot]!
    if (live.phase[slot] === phase.idle && live.set[slot] === part.decodes.index) {
      part.decodes.crossings.remove(slot)
      if (live.isLeaving[slot] === 0) endRequest(run, slot, "finished", now)
      leaveRunning(run, scheduler, undefined, slot)
    }
    slot = following
  }
  clearSet(part.decodes)
}
