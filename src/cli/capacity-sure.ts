/**
 * Whether the first fleet beats the others beyond what predictions are off by, and which load tests would settle it. Fleets are
 * of whole replicas, so an error that both predictions share may turn the order too.
 */
import { measuredPairs, shippedResiduals, type Half } from "../intervals/index.ts"
import {
  cheaperOf,
  compared,
  fleetExperiment,
  goalsText,
  loadText,
  resolvedFleet,
  type CapacityPlan,
  type CapacityRequest,
  type Comparison,
  type FleetExperiment,
  type ReplicaRun,
  type SizedFleet
} from "../planner/index.ts"
import { servingLaunch } from "../report/index.ts"
import { servingHalf, type ResolvedServing } from "../scenario/index.ts"
import { formatFigures, formatPercent, formatSeconds } from "../units/index.ts"
import { searched, type CapacityPool } from "./capacity-pool.ts"
import { kindsText, systemsText } from "./capacity-words.ts"
import { plannedOf } from "./fleet-size.ts"
import { chanceText, comparisonDocument, spreadText } from "./plan-sure.ts"
import { readChunks } from "./read-chunks.ts"
import { readText } from "./text-file.ts"

/** A fleet beside the first. */
export interface Rival {
  readonly fleet: SizedFleet
  readonly comparison: Comparison
}

export interface CapacitySure {
  /** In the order of the table. */
  readonly rivals: readonly Rival[]
  /** The first rival that costs more, beside the first fleet; null where none does, or a replica alone cannot keep the goals. */
  readonly settling: FleetExperiment | null
}

const files = { readText, readChunks }

/** One replica of a fleet under its share; of two pools a replica of each, as a server that does all of a request. */
const replicasOf = (request: CapacityRequest, fleet: SizedFleet): readonly ResolvedServing[] => {
  const { scenario, rate, requests, seed, traceRate } = request
  const { rated, replicas, prefill } = fleet
  const pools =
    prefill === undefined
      ? [{ rated, replicas }]
      : [
          { ...prefill, side: "prefill" as const },
          { rated, replicas, side: "decode" as const }
        ]
  return pools.flatMap((pool) => {
    const made = resolvedFleet(
      {
        ...{ scenario, candidate: pool.rated.candidate, replicas: 1, rate: rate / pool.replicas, requests, seed },
        ...("side" in pool ? { side: pool.side } : {}),
        ...(traceRate === undefined ? {} : { traceRate })
      },
      files
    )
    return "kind" in made ? [] : [made.resolved]
  })
}

/**
 * Nobody measured fleets of two pools beside others; what stands for such a fleet is either of its pools, as a server that does all
 * of a request, whichever leaves the order less sure.
 */
const leastSure = (
  [one, other]: readonly [readonly Half[], readonly Half[]],
  compare: (one: Half, other: Half) => Comparison
): Comparison | undefined =>
  one
    .flatMap((first) => other.map((second) => compare(first, second)))
    .reduce<Comparison | undefined>(
      (least, found) => (least === undefined || (found.chance ?? 0) < (least.chance ?? 0) ? found : least),
      undefined
    )

export const capacitySure = async (
  request: CapacityRequest,
  { sized }: Pick<CapacityPlan, "sized">,
  pool: CapacityPool
): Promise<CapacitySure> => {
  const [best, ...others] = sized
  const halvesOf = (fleet: SizedFleet): readonly Half[] =>
    replicasOf(request, fleet).map((replica) => servingHalf(replica, "throughput"))
  const own = best === undefined ? [] : halvesOf(best)
  if (best === undefined || own.length === 0) return { rivals: [], settling: null }
  const residuals = await shippedResiduals()
  const pairs = measuredPairs(residuals, "throughput")
  const rivals = others.flatMap((fleet): readonly Rival[] => {
    const ratio = fleet.value / best.value
    const comparison = leastSure([own, halvesOf(fleet)], (one, other) =>
      compared(one, other, ratio, pairs, cheaperOf(request.rate, best, fleet))
    )
    return comparison === undefined ? [] : [{ fleet, comparison }]
  })
  // A replica by itself says nothing of pools that hand over to one another.
  const rival =
    best.prefill === undefined
      ? rivals.find(({ fleet, comparison }) => fleet.prefill === undefined && comparison.ratio > 1 + 1e-9)
      : undefined
  const settling = rival === undefined ? null : await searched(fleetExperiment(request, [best, rival.fleet]), pool)
  return { rivals, settling }
}

const nameOf = (fleet: SizedFleet): string => {
  const { candidate, prefill } = plannedOf(fleet)
  return `${systemsText(candidate, prefill)} ${kindsText(candidate, prefill)}`
}

/** What pairs of servers that do all of a request leave out of a fleet of two pools. */
const unmeasured = (isApart: boolean, { comparison }: Rival): string =>
  isApart && comparison.chance !== null
    ? "; measured are servers that do all of a request: what the hand-over may be off by comes on top"
    : ""

const rivalText = (rival: Rival, best: SizedFleet, what: string): string => {
  const { fleet, comparison } = rival
  const isApart = fleet.prefill !== undefined || best.prefill !== undefined
  return comparison.ratio < 1 + 1e-9
    ? `${what}, ${nameOf(fleet)}, takes as much`
    : `${what}, ${nameOf(fleet)} (+${formatPercent(comparison.ratio - 1)}): ${spreadText(comparison)}${unmeasured(isApart, rival)}`
}

/**
 * The first against the second, against the next machines where the second is of the same, and against the best of the other way
 * where all that comes before has prompts and answers apart, or none has.
 */
export const secondTexts = ({ rivals }: CapacitySure, best: SizedFleet): readonly string[] => {
  const [second] = rivals
  if (second === undefined) return []
  const isApart = best.prefill !== undefined
  const machines = rivals.find(({ fleet }) => fleet.rated.accelerator.name !== best.rated.accelerator.name)
  const otherWay = rivals.find(({ fleet }) => (fleet.prefill !== undefined) !== isApart)
  const named: readonly (readonly [Rival | undefined, string])[] = [
    [second, machines === second ? "the next machines" : "the second"],
    [machines, "the next machines"],
    [otherWay, isApart ? "the first that does both on every replica" : "the first with prompts and answers apart"]
  ]
  return named.flatMap(([rival, what], index) =>
    rival === undefined || named.findIndex(([other]) => other === rival) < index ? [] : [rivalText(rival, best, what)]
  )
}

/** What to run, and what its outcome means. */
export const loadTestText = ({ settling }: CapacitySure, goals: CapacityRequest["goals"]): string | undefined => {
  if (settling === null) return undefined
  const [one, two] = settling.runs
  const of = ({ fleet, request, highest }: ReplicaRun): string =>
    highest < request.rate
      ? `${nameOf(fleet)} (predicted to hold ${loadText(highest)} alone; its share of the fleet's is ${loadText(request.rate)}, as the router sends what comes to whoever is free)`
      : `${nameOf(fleet)} from its share of ${loadText(request.rate)} up (predicted to hold ${formatFigures(highest)})`
  const turn = (at: number | null): string => (at === null ? "" : loadText(at))
  const other =
    two.turn === null
      ? "the other cannot cost less, as one replica of it costs as much"
      : `the other becomes it if one of its holds ${turn(two.turn)}`
  return `a load test of one replica of each until ${goalsText(goals)} is missed: ${of(one)}, ${of(two)}. The first stays the cheaper fleet as long as its replica holds ${turn(one.turn)}; ${other}.`
}

/** Of each replica the scenario, and what starts and measures it. */
export const loadTestFiles = ({ settling }: CapacitySure): readonly (readonly [string, string])[] =>
  (settling?.runs ?? []).flatMap(({ request, point }, index) => {
    const made = resolvedFleet(request, files)
    if ("kind" in made) return []
    const launch = servingLaunch(made.resolved)
    const [engine, bench] = [launch[0], launch.find(({ name }) => name === "vllm-bench")]
    const expected = `# predicted: ttft.p99 ${formatSeconds(point.latencies.ttft.p99)}, tpot.p99 ${formatSeconds(point.latencies.tpot.p99)} at the highest load`
    return [
      [`measure-${index + 1}.json`, `${JSON.stringify(made.resolved.scenario, null, 2)}\n`] as const,
      ...(engine === undefined || bench === undefined
        ? []
        : [
            [
              `measure-${index + 1}.sh`,
              `# the server\n${engine.text}\n\n# beside it: its share of the load; then more until a goal is missed\n${expected}\n${bench.text}\n`
            ] as const
          ])
    ]
  })

/** As `plan.json` has it. */
export const capacitySureDocument = ({ rivals, settling }: CapacitySure) => ({
  comparisons: rivals.map(({ fleet, comparison }) => ({
    replica: fleet.rated.candidate,
    replicas: fleet.replicas,
    ...(fleet.prefill === undefined
      ? {}
      : { prefill: { replica: fleet.prefill.rated.candidate, replicas: fleet.prefill.replicas } }),
    ...comparisonDocument(comparison)
  })),
  settle:
    settling === null
      ? null
      : {
          runs: settling.runs.map(({ fleet, request: { candidate, rate }, highest, turn }) => ({
            replica: candidate,
            replicas: fleet.replicas,
            load: rate,
            highestLoad: highest,
            turnsAt: turn
          }))
        }
})

/** How sure a row of the table is, for a report. */
export const rivalCell = ({ rivals }: CapacitySure, fleet: SizedFleet): string => {
  const found = rivals.find((rival) => rival.fleet === fleet)?.comparison
  if (found === undefined || found.chance === null || found.ratio < 1 + 1e-9) return ""
  return chanceText(found.chance)
}
