/**
 * Where a server cannot be laid out, or its model does not fit: the smallest changes of a field or two after which it
 * serves, each tried with a few requests before it is told.
 */
import type { ServingJob } from "../../serving/index.ts"
import { machinesOf } from "../cluster.ts"
import { entryOf, isFindings } from "../inline.ts"
import { splitPath } from "../issue.ts"
import { scenarioFromData, type LoadedScenario } from "../load.ts"
import type { ResolveOptions } from "../resolve-options.ts"
import { resolveServing, type ResolvedServing } from "../resolve-serving.ts"
import { isServing, type ServingScenario } from "../schema.ts"
import { layoutOf } from "../serving/feasibility.ts"
import { fitsOneRequest } from "../serving/fit.ts"
import { serves } from "../serving/proof.ts"
import { changedData, distance, fieldOf, type Changes } from "./changes.ts"
import { clusterSize } from "./cluster-size.ts"
import { tokenSeconds } from "./lone-token.ts"
import { roomierServers } from "./roomier-servers.ts"
import { smallestChanges, type Limits, type Verified } from "./search.ts"
import { servingMendings, type ServedScene } from "./serving-mendings.ts"

/** Resolving a server and trying it takes a millisecond or a few. */
const limits: Limits = { most: 4, fields: 4, looks: 400, simulations: 150, effort: Infinity }

const sizes = "serving.parallelism"

export interface ServingAlternative {
  /** Paths of a scenario with their new values. */
  readonly changes: Changes
  readonly job: ServingJob
  /** Seconds of a step that decodes one sequence of the mean request's length. */
  readonly tokenSeconds: number
}

/** The smallest changes after which a server serves, the nearest first; none where its names cannot be resolved. */
export const servingChangesThatRun = (
  { scenario }: Pick<LoadedScenario, "scenario">,
  options: ResolveOptions = {},
  most = limits.most
): readonly ServingAlternative[] => {
  if (!isServing(scenario)) return []
  const written = brief(scenario)
  const before = sceneOf(written, {}, options)
  if (before === undefined) return []
  return smallestChanges<ServingJob>({
    distanceOf: (changes) => distance(changes, valuesOf(written, before)),
    mendings: () => undefined,
    verify: (changes) => tried(written, changes, options),
    effortOf: () => 1,
    limits: { ...limits, most }
  }).map(({ changes, found }) => ({ changes, job: found, tokenSeconds: tokenSeconds(found) }))
}

/** The scenario with requests that need no file: those of a trace are as long as these. */
const brief = (scenario: ServingScenario): ServingScenario =>
  scenario.workload.arrivals.trace === undefined
    ? scenario
    : { ...scenario, workload: { arrivals: { batch: {} }, prompt: 512, output: 128 } }

const valuesOf =
  (scenario: ServingScenario, { layout, replicas, accelerators, nodes }: ServedScene) =>
  (path: string): unknown => {
    const defaults: Readonly<Record<string, unknown>> = {
      [`${sizes}.tensor`]: layout.tensor,
      [`${sizes}.pipeline`]: layout.pipeline,
      [`${sizes}.expert`]: layout.expert,
      "serving.replicas": replicas,
      "cluster.accelerators": accelerators,
      "cluster.nodes": nodes
    }
    return fieldOf(scenario, path) ?? defaults[path]
  }

const sceneOf = (
  scenario: ServingScenario,
  changes: Changes,
  { readText }: ResolveOptions
): ServedScene | undefined => {
  const model = entryOf("models", scenario.model, ["model"])
  // The changes are of fields that the Schema knows, with values that it allows.
  const { cluster, serving } = changedData(scenario, changes) as ServingScenario
  const machines = machinesOf(cluster, readText)
  if (isFindings(model) || isFindings(machines)) return undefined
  return {
    model,
    layout: layoutOf(serving.parallelism),
    accelerators: machines.accelerators,
    nodes: machines.accelerators / machines.fabric.acceleratorsPerNode,
    replicas: serving.replicas,
    clusterOf: clusterSize(scenario.cluster, machines.fabric.acceleratorsPerNode),
    formats: Object.keys(machines.accelerator.peakFlops).filter((format) => ["bf16", "fp16", "fp8"].includes(format))
  }
}

const tried = (scenario: ServingScenario, changes: Changes, options: ResolveOptions): Verified<ServingJob> => {
  const scene = sceneOf(scenario, changes, options)
  if (scene === undefined) return { mendings: [], isRefused: false }
  const loaded = scenarioFromData({ name: scenario.name ?? "scenario", data: changedData(scenario, changes) })
  const resolved = loaded._tag === "Refused" ? loaded : resolveServing(loaded, options)
  if (resolved._tag === "Refused")
    return {
      mendings: resolved.issues.flatMap(({ path, nearest }) =>
        servingMendings({ path: splitPath(path), nearest }, scene)
      ),
      isRefused: false
    }
  if (!fitsOneRequest(resolved.job)) return { mendings: roomierServers(resolved), isRefused: false }
  return serves(resolved.job) ? { found: resolved.job } : { mendings: [], isRefused: false }
}

/** The smallest of each kind of change after which the model fits; several at
 * once where none is enough alone. Measured profiles of kernels are left aside. */
export const servingChangesThatFit = (resolved: ResolvedServing, most = 4): readonly ServingAlternative[] => {
  const { kernels: _profiles, ...serving } = resolved.scenario.serving
  const scenario = brief({ ...resolved.scenario, serving })
  const found = new Map<string, ServingAlternative>()
  for (const changes of roomierServers(resolved)) {
    const kind = Object.keys(changes)[0] ?? ""
    if (found.has(kind)) continue
    const job = jobOf(tried(scenario, changes, {}))
    if (job === undefined) continue
    found.set(kind, { changes, job, tokenSeconds: tokenSeconds(job) })
  }
  // One more cut of the model is enough: a tensor-parallel replica over a pipeline of as many.
  if (found.has("serving.parallelism.tensor")) found.delete("serving.parallelism.pipeline")
  const alone = [...found.values()]
  // Weights read from the host in every step are a way out, but hardly one that anybody wants alone.
  const isSlow = alone.every(({ changes }) => Object.keys(changes).some((path) => path.startsWith("serving.offload")))
  const several = isSlow ? servingChangesThatRun({ scenario }, {}, most) : []
  const isNew = ({ changes }: ServingAlternative): boolean =>
    !alone.some((one) => JSON.stringify(one.changes) === JSON.stringify(changes))
  return [...several.filter(isNew), ...alone].slice(0, most)
}

const jobOf = (outcome: Verified<ServingJob>): ServingJob | undefined =>
  "found" in outcome ? outcome.found : undefined
