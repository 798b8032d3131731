/**
 * The best fleets whose prompts and answers are apart, of all pairs of kinds.
 */
import type { ResolveOptions } from "../../scenario/index.ts"
import { cheapestSize, ratedPairs, type RatedPair } from "./apart.ts"
import type { BeatenPair, CapacityPlan, SizedFleet } from "./plan-types.ts"
import type { Runs } from "./runs.ts"
import { dominatedFrom, together } from "./sizing.ts"
import type { NearestSeconds, PrunedKind } from "./space.ts"
import type { CapacityRequest, CapacitySearch } from "./types.ts"

interface PairsFound {
  readonly sized: readonly SizedFleet[]
  readonly pruned: readonly PrunedKind[]
  readonly nearest: NearestSeconds
  readonly found: NonNullable<CapacityPlan["apart"]>
}

/** Pairs that are sized whatever the best costs: rows of the table. */
const pairsShown = 2

/** The best fleets that are apart. */
export function* searchPairs(run: Runs, request: CapacityRequest, options: ResolveOptions): CapacitySearch<PairsFound> {
  const { pairs, pruned, nearest, count } = ratedPairs(request, options)
  const sized: SizedFleet[] = []
  const beaten: BeatenPair[] = []
  // What the pairs of a batch come by counts for each other at once.
  const known: Pick<SizedFleet, "value" | "point">[] = []
  const capOf = ({ answerSeconds }: RatedPair): number =>
    dominatedFrom(known, request.wantsFront === true ? answerSeconds : Infinity)
  const others = [...pairs]
  for (let isFirst = true; others.length > 0; isFirst = false) {
    // Two threads' worth at a time, as above.
    const batch = others.splice(0, pairsShown)
    const found = yield* together(
      batch.map((pair) =>
        cheapestSize(run, pair, isFirst ? () => Infinity : () => capOf(pair), (one) => known.push(one))
      )
    )
    batch.forEach((pair, index) => {
      const { sized: own, below, isByBound } = found[index]!
      if (own === null) beaten.push({ pair, tried: isByBound ? null : below })
      else
        sized.push({
          rated: pair.decode,
          replicas: own.size.decode,
          prefill: { rated: pair.prefill, replicas: own.size.prefill },
          value: own.size.prefill * pair.prefill.worth + own.size.decode * pair.decode.worth,
          point: own.point,
          seeds: 1,
          below: below?.outcome ?? null,
          ...(below === null ? {} : { belowAt: below.size })
        })
    })
  }
  const byBound = beaten.filter(({ tried }) => tried === null).length
  const found: NonNullable<CapacityPlan["apart"]> = {
    pairs: count,
    impossible: count - pairs.length,
    byBound,
    simulated: pairs.length - byBound,
    beaten,
    rated: [...new Set(pairs.flatMap(({ prefill, decode }) => [prefill, decode]))]
  }
  return { sized, pruned, nearest, found }
}
