/**
 * The pools of a scenario: each is the server with the pool's own fields laid over it, on machines of its own or on its part
 * of the scenario's.
 */
import type { Pool, Server, ServingJob } from "../../serving/index.ts"
import type { Evidence } from "../../training/index.ts"
import { machinesOf as writtenMachinesOf, type Machines } from "../cluster.ts"
import { entryOf } from "../inline.ts"
import { show, type Finding } from "../issue.ts"
import { mergePatch } from "../merge.ts"
import type { ResolveOptions } from "../resolve-options.ts"
import { changedMachines } from "../resource-factors.ts"
import type { ServingScenario } from "../schema.ts"
import { refuse } from "../size-checks.ts"
import { isFindings } from "./distribution.ts"
import { acceleratorsOf, layoutOf } from "./feasibility.ts"
import { inPool } from "./pool-path.ts"
import { serverOf, type WrittenServer } from "./server.ts"
import { servingStackOf } from "./stack.ts"

export interface Fleet {
  /** The only server, or that of the first pool. */
  readonly first: Server
  /** null: no pools are written. */
  readonly pools: readonly Pool[] | null
  /** Those of the scenario's cluster, or of the first pool where every pool has its own. */
  readonly machines: Machines
  readonly accelerators: number
  readonly evidence: readonly Evidence[]
  /** Texts of kernel profiles, for the fingerprint. */
  readonly texts: readonly string[]
}

type WrittenPool = NonNullable<WrittenServer["pools"]>[number]

/** The machines that are written, with what a sensitivity changes of them. */
const machinesOf = (
  cluster: ServingScenario["cluster"],
  { readText, factors, attained }: ResolveOptions
): Machines | readonly Finding[] => {
  const written = writtenMachinesOf(cluster, readText)
  return isFindings(written) ? written : changedMachines(written, factors, attained)
}

export const fleetOf = (scenario: ServingScenario, options: ResolveOptions): Fleet | readonly Finding[] => {
  const { serving } = scenario
  return serving.pools === undefined ? onlyServer(scenario, options) : poolsOf(scenario, serving.pools, options)
}

const onlyServer = (scenario: ServingScenario, options: ResolveOptions): Fleet | readonly Finding[] => {
  const { serving } = scenario
  const superfluous = (["handover", "poolWeights"] as const).filter((field) => serving[field] !== undefined)
  if (superfluous.length > 0)
    return superfluous.map((field) => ({
      path: ["serving", field],
      at: "key",
      problem: "there are no pools",
      given: field,
      expected: "serving.pools beside it, or nothing"
    }))
  const machines = machinesOf(scenario.cluster, options)
  const model = entryOf("models", scenario.model, ["model"])
  const stack = servingStackOf(serving.stack, serving.version)
  if (isFindings(machines) || isFindings(model) || isFindings(stack))
    return [machines, model, stack].flatMap((part) => (isFindings(part) ? part : []))
  const only = serverOf({ serving, model, machines, options })
  if (isFindings(only)) return only
  const { server, evidence, texts } = only
  return { first: server, pools: null, machines, accelerators: machines.accelerators, evidence, texts }
}

const poolsOf = (
  scenario: ServingScenario,
  written: readonly WrittenPool[],
  options: ResolveOptions
): Fleet | readonly Finding[] => {
  const twice = written.findIndex(({ name }, index) => written.findIndex((other) => other.name === name) < index)
  if (twice >= 0)
    return [
      {
        path: ["serving", "pools", twice, "name"],
        problem: `there is another pool ${show(written[twice]!.name)}`,
        given: show(written[twice]!.name),
        expected: "a name of its own for each pool"
      }
    ]
  const {
    pools: _pools,
    router: _router,
    routing: _routing,
    queue: _queue,
    handover: _handover,
    poolWeights: _weights,
    replicas,
    ...shared
  } = scenario.serving
  if (replicas !== undefined)
    return [refuse(["serving", "replicas"], replicas, "pools have replicas of their own", "replicas in each pool")]
  const common = machinesOf(scenario.cluster, options)
  if (isFindings(common)) return common
  const shares = sharesOf(scenario, written, common)
  if ("finding" in shares) return [shares.finding]
  const findings: Finding[] = []
  const made: { readonly pool: Pool; readonly evidence: readonly Evidence[]; readonly texts: readonly string[]; readonly machines: Machines }[] = [] // prettier-ignore
  for (const [index, one] of written.entries()) {
    const {
      name,
      role = "both",
      weight = 1,
      perAcceleratorHour,
      model: _model,
      cluster,
      measured: _measured,
      adapters,
      ...own
    } = one
    const merged = mergePatch(shared, own) as WrittenServer
    const { adapters: _adapters, ...alone } = merged
    const serving = adapters === false ? alone : merged
    const machines =
      cluster === undefined
        ? { ...common, accelerators: shares[index]! }
        : machinesOf(clusterOf(scenario, one), options)
    const path = cluster?.measuredCollectives?.findIndex((table) => typeof table === "string") ?? -1
    if (path >= 0)
      findings.push({
        path: ["serving", "pools", index, "cluster", "measuredCollectives", path],
        problem: "a pool's own machines take no path",
        given: show(cluster!.measuredCollectives![path]),
        expected: "{ table: ... }, the output itself"
      })
    const model = entryOf("models", one.model ?? scenario.model, ["model"])
    const server =
      isFindings(machines) || isFindings(model) ? [machines, model] : serverOf({ serving, model, machines, options })
    if (Array.isArray(server)) {
      const found = server.flat().filter((part): part is Finding => "problem" in part)
      findings.push(...found.map((finding) => inPool(finding, index, one)))
      continue
    }
    const resolved = server as Exclude<ReturnType<typeof serverOf>, readonly Finding[]>
    made.push({
      pool: {
        ...resolved.server,
        name,
        role,
        weight,
        machines: cluster === undefined ? -1 : index,
        ...(perAcceleratorHour === undefined ? {} : { perAcceleratorHour })
      },
      evidence: resolved.evidence,
      texts: resolved.texts,
      machines: machines as Machines
    })
  }
  if (findings.length > 0) return findings
  const evidence = new Map(made.flatMap((one) => one.evidence).map((each) => [JSON.stringify(each), each]))
  const [first] = made
  return {
    first: serverFields(first!.pool),
    pools: made.map(({ pool }) => pool),
    machines: shares.some((share) => share > 0) ? common : first!.machines,
    accelerators: made.reduce((sum, { pool }) => sum + pool.replicas * acceleratorsOf(pool.target.layout), 0),
    evidence: [...evidence.values()],
    texts: made.flatMap(({ texts }) => texts)
  }
}

const serverFields = ({
  target,
  steps,
  memory,
  replicas,
  batching,
  cache,
  adapters,
  nodeWatts,
  lifecycle
}: Server): Server => ({
  ...(lifecycle === undefined ? {} : { lifecycle }),
  ...(adapters === undefined ? {} : { adapters }),
  target,
  steps,
  memory,
  replicas,
  batching,
  cache,
  nodeWatts
})

/** A pool's cluster, laid over the scenario's. */
export const clusterOf = ({ cluster }: ServingScenario, pool: WrittenPool): ServingScenario["cluster"] =>
  mergePatch(cluster, pool.cluster) as ServingScenario["cluster"]

const sizeOf = ({ serving }: ServingScenario, pool: WrittenPool): number => {
  return acceleratorsOf(layoutOf({ ...serving.parallelism, ...pool.parallelism }))
}

/** Accelerators of the scenario's cluster that each pool takes; 0 for those with a cluster of their own. */
const sharesOf = (
  scenario: ServingScenario,
  pools: readonly WrittenPool[],
  { accelerators }: Machines
): readonly number[] | { readonly finding: Finding } => {
  const isSharing = pools.map(({ cluster }) => cluster === undefined)
  if (!isSharing.includes(true)) return pools.map(() => 0)
  const open = pools.flatMap(({ replicas }, index) => (isSharing[index] && replicas === undefined ? [index] : []))
  if (open.length > 1)
    return {
      finding: {
        path: ["serving", "pools", open[1]!],
        at: "key",
        problem: `${show(pools[open[0]!]!.name)} and ${show(pools[open[1]!]!.name)} both take what the cluster leaves`,
        given: "no replicas",
        expected: "replicas in all pools of a cluster but one"
      }
    }
  const taken = pools.map((pool, index) => (isSharing[index] ? (pool.replicas ?? 0) * sizeOf(scenario, pool) : 0))
  const sum = taken.reduce((total, each) => total + each, 0)
  const left = accelerators - sum
  const [rest] = open
  if (left < 0 || (rest === undefined && left > 0) || (rest !== undefined && left < sizeOf(scenario, pools[rest]!)))
    return {
      finding: refuse(
        ["serving", "pools"],
        sum,
        `the pools take ${sum} accelerators${rest === undefined ? "" : ` and at least ${sizeOf(scenario, pools[rest]!)} more`}, the cluster has ${accelerators}`,
        `replicas that need ${accelerators} accelerators, or cluster.accelerators: ${rest === undefined ? sum : sum + sizeOf(scenario, pools[rest]!)}`
      )
    }
  if (rest !== undefined) taken[rest] = left
  return taken
}

/** prompt_max_pending_batch_tokens of SplitwiseSim (Mutinifni/splitwise-sim, schedulers/mixed_pool.yml). */
const usualPromptTokens = 8192

export const handoverOf = ({ handover, poolWeights, pools = [] }: WrittenServer): Partial<ServingJob> => ({
  ...(pools.some(({ role }) => role === "decode")
    ? {
        handover: {
          overlap: handover?.overlap ?? "layer-wise",
          router: handover?.router ?? "least-requests",
          ...(handover?.mixing === undefined
            ? {}
            : { mixing: { promptTokens: handover.mixing.promptTokens ?? usualPromptTokens } })
        }
      }
    : {}),
  ...(poolWeights === "speed" || pools.some(({ weight }) => weight !== undefined) ? { isWeighed: true } : {})
})
