/**
 * The best fleet has to hold with other requests too.
 */
import { slowSides } from "./apart.ts"
import { isWithin } from "./fleet.ts"
import type { SizedFleet } from "./plan-types.ts"
import type { Runs } from "./runs.ts"
import { leastOf } from "./sizing.ts"
import type { CapacityRequest, CapacitySearch, FleetOutcome, FleetRequest } from "./types.ts"

/** The best under other seeds, replica by replica more until it holds; again while another has become the best. */
export function* confirmBest(
  run: Runs,
  { confirmations, seed, goals }: CapacityRequest,
  sized: SizedFleet[]
): CapacitySearch<void> {
  if (confirmations === 0) return
  const seeds = Array.from({ length: confirmations }, (_, index) => seed + 1 + index)
  for (;;) {
    const best = leastOf(sized)
    if (best === undefined || best.seeds > 1) return
    const place = sized.indexOf(best)
    const outcomes = yield seeds.map((one) => fleetAt(run, best, one))
    const failed = outcomes.find((outcome) => !isWithin(outcome, goals))
    if (failed === undefined) sized[place] = { ...best, seeds: 1 + confirmations }
    else {
      const larger = oneMore(best, failed, goals)
      if (larger === undefined) sized.splice(place, 1)
      else {
        const [own] = yield [fleetAt(run, larger)]
        sized[place] = { ...larger, point: own?.kind === "served" ? own : best.point, below: failed }
      }
    }
  }
}

const fleetAt = (run: Runs, { rated: own, replicas, prefill }: SizedFleet, seed?: number): FleetRequest =>
  prefill === undefined
    ? run.at(own, replicas, seed)
    : run.apart({ prefill: prefill.rated, decode: own }, { prefill: prefill.replicas, decode: replicas }, seed)

/** A replica more; of pools that are apart, of the one that was too slow. Undefined where there are no more. */
const oneMore = (best: SizedFleet, failed: FleetOutcome, goals: CapacityRequest["goals"]): SizedFleet | undefined => {
  const { prefill, replicas, rated: own } = best
  if (prefill === undefined)
    return replicas >= own.most ? undefined : { ...best, replicas: replicas + 1, value: (replicas + 1) * own.worth }
  const isPrompts = failed.kind === "served" && slowSides(failed, goals).prompts
  const larger = isPrompts
    ? { ...best, prefill: { ...prefill, replicas: prefill.replicas + 1 } }
    : { ...best, replicas: replicas + 1 }
  return larger.prefill!.replicas > prefill.rated.most || larger.replicas > own.most
    ? undefined
    : {
        ...larger,
        value: larger.prefill!.replicas * prefill.rated.worth + larger.replicas * own.worth,
        belowAt: { prefill: prefill.replicas, decode: replicas }
      }
}
