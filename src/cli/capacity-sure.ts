/**
 * Whether the first fleet beats the others beyond what predictions are off by, and which load tests would settle it. Fleets are
 * of whole replicas, so an error that both predictions share may turn the order too.
 */
import { measuredPairs, shippedResiduals } from "../intervals/index.ts"
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
import { layoutText } from "./capacity-words.ts"
import { chanceText, comparisonDocument, spreadText } from "./plan-sure.ts"
import { readChunks } from "./read-chunks.ts"
import { readText } from "./text-file.ts"

/** A fleet beside the first. */
export interface Rival {
  readonly fleet: SizedFleet
  readonly comparison: Comparison
}

export interface CapacitySure {
  /** In the order of the table; fleets of two pools, which nobody measured, are left out. */
  readonly rivals: readonly Rival[]
  /** The first rival that costs more, beside the first fleet; null where none does, or a replica alone cannot keep the goals. */
  readonly settling: FleetExperiment | null
}

const files = { readText, readChunks }

/** One replica of a fleet under its share. */
const replicaOf = (request: CapacityRequest, { rated, replicas }: SizedFleet): ResolvedServing | undefined => {
  const { scenario, rate, requests, seed, traceRate } = request
  const made = resolvedFleet(
    {
      ...{ scenario, candidate: rated.candidate, replicas: 1, rate: rate / replicas, requests, seed },
      ...(traceRate === undefined ? {} : { traceRate })
    },
    files
  )
  return "kind" in made ? undefined : made.resolved
}

export const capacitySure = async (
  request: CapacityRequest,
  { sized }: Pick<CapacityPlan, "sized">,
  pool: CapacityPool
): Promise<CapacitySure> => {
  const [best, ...others] = sized.filter(({ prefill }) => prefill === undefined)
  const own = best === undefined || best !== sized[0] ? undefined : replicaOf(request, best)
  if (best === undefined || own === undefined) return { rivals: [], settling: null }
  const residuals = await shippedResiduals()
  const pairs = measuredPairs(residuals, "throughput")
  const half = servingHalf(own, "throughput")
  const rivals = others.flatMap((fleet): readonly Rival[] => {
    const replica = replicaOf(request, fleet)
    if (replica === undefined) return []
    const other = servingHalf(replica, "throughput")
    const ratio = fleet.value / best.value
    return [{ fleet, comparison: compared(half, other, ratio, pairs, cheaperOf(request.rate, best, fleet)) }]
  })
  const rival = rivals.find(({ comparison }) => comparison.ratio > 1 + 1e-9)
  const settling = rival === undefined ? null : await searched(fleetExperiment(request, [best, rival.fleet]), pool)
  return { rivals, settling }
}

const nameOf = ({ rated: { candidate } }: SizedFleet): string => `${candidate.system} ${layoutText(candidate)}`

const rivalText = ({ fleet, comparison }: Rival, what: string): string =>
  comparison.ratio < 1 + 1e-9
    ? `${what}, ${nameOf(fleet)}, takes as much`
    : `${what}, ${nameOf(fleet)} (+${formatPercent(comparison.ratio - 1)}): ${spreadText(comparison)}`

/** The first against the second, and against the next machines where the second is of the same. */
export const secondTexts = ({ rivals }: CapacitySure, best: SizedFleet): readonly string[] => {
  if (best.prefill !== undefined)
    return ["no measured pairs are of pools that are apart: nothing says how sure it is that the first is the cheaper"]
  const [second] = rivals
  if (second === undefined) return []
  const machines = rivals.find(({ fleet }) => fleet.rated.accelerator.name !== best.rated.accelerator.name)
  return machines === second || machines === undefined
    ? [rivalText(second, machines === undefined ? "the second" : "the next machines")]
    : [rivalText(second, "the second"), rivalText(machines, "the next machines")]
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
