/** Adapters of a scheduler's running requests: taken at admission, given back when a request runs no more. */
import type { Part, Scheduler } from "../policy/scheduler.ts"

/** The request's adapter is on the accelerators, or can be. */
export const hasAdapterPlace = ({ live, adapters }: Scheduler, slot: number): boolean =>
  adapters === null || live.adapter[slot]! < 0 || adapters.cache.hasPlace(live.adapter[slot]!)

/** The request is admitted: its adapter is loaded before the step where it is not there (vLLM loads between steps). */
export const takeAdapter = (
  { live, adapters, totals }: Scheduler,
  part: Pick<Part, "swapSeconds">,
  slot: number
): void => {
  if (adapters === null || live.adapter[slot]! < 0) return
  totals.adapterUses++
  if (!adapters.cache.take(live.adapter[slot]!)) return
  totals.adapterLoads++
  totals.adapterLoadSeconds += adapters.cost.loadSeconds
  part.swapSeconds += adapters.cost.loadSeconds
}

export const giveAdapter = ({ live, adapters }: Scheduler, slot: number): void => {
  if (adapters === null || live.adapter[slot]! < 0) return
  adapters.cache.give(live.adapter[slot]!)
}

/** Seconds that adapters add to each stage of a step; groups in lock-step wait for the slowest. */
export const adapterSeconds = (schedulers: readonly Scheduler[], parts: readonly Part[]): number => {
  let most = 0
  for (const [group, { adapters }] of schedulers.entries()) {
    if (adapters === null || adapters.cache.inUse === 0) continue
    const part = parts[group]!
    const tokens = part.prefillTokens + (part.isDecoding ? part.decodes.count : 0)
    const { stepSeconds, secondsPerAdapter, secondsPerToken } = adapters.cost
    most = Math.max(most, stepSeconds + adapters.cache.inUse * secondsPerAdapter + tokens * secondsPerToken)
  }
  return most
}
