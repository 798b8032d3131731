/**
 * Pools that must agree with one another and with the workload before a fleet can be simulated.
 */
import { distributionMean, poolSpeed, type Pool, type WorkloadSpec } from "../../serving/index.ts"
import { formatBytes, formatCount } from "../../units/index.ts"
import { show, type Finding } from "../issue.ts"
import type { ServingScenario } from "../schema.ts"
import { requestTokens } from "./fit.ts"
import type { WrittenServer } from "./server.ts"

/** Everything about the pools of a scenario that cannot be. */
export const findUnserved = (
  pools: readonly Pool[],
  workload: WorkloadSpec,
  scenario: ServingScenario
): readonly Finding[] => [
  ...pools.flatMap((pool, index) => [...unpaired(pools, index), ...unfit(pool, index, workload)]),
  ...models(pools, workload, scenario)
]

const at = (index: number, ...rest: readonly string[]) => ["serving", "pools", index, ...rest]

/** A prefill pool needs decode pools of its model, with the same keys and values and a way to them; and the reverse. */
const unpaired = (pools: readonly Pool[], index: number): readonly Finding[] => {
  const pool = pools[index]!
  if (pool.role === "both") return []
  const { model, keyValuePrecision, fabric } = pool.target
  const other = pool.role === "prefill" ? "decode" : "prefill"
  const partners = pools.filter(({ role, target }) => role === other && target.model.name === model.name)
  const findings: Finding[] = []
  if (partners.length === 0)
    findings.push({
      path: at(index, "role"),
      problem: `no ${other} pool serves ${model.name}`,
      given: pool.role,
      expected: `a pool with role: ${other} beside it, or role: both`
    })
  const { policy } = pool.batching
  if (typeof policy === "function" || policy === "static" || policy === "dynamic")
    findings.push({
      path: at(index, "batching", "policy"),
      problem: `${pool.name} hands requests over, which ${typeof policy === "function" ? "a policy of one's own" : `the policy ${policy}`} does not`,
      given: typeof policy === "function" ? "a function" : policy,
      expected: "a policy that decides for every step, such as continuous-chunked"
    })
  for (const partner of pool.role === "prefill" ? partners : []) {
    if (partner.target.keyValuePrecision !== keyValuePrecision)
      findings.push({
        path: at(index, "kvCache", "precision"),
        problem: `${pool.name} has keys and values in ${keyValuePrecision}, ${partner.name} in ${partner.target.keyValuePrecision}`,
        given: keyValuePrecision,
        expected: "the same kvCache.precision in both"
      })
    if (partner.machines !== pool.machines && (fabric.network === null || partner.target.fabric.network === null))
      findings.push({
        path: at(index),
        at: "key",
        problem: `no network joins ${pool.name} and ${partner.name}`,
        given: "machines without a network",
        expected: "cluster.network in both, or both on one cluster"
      })
  }
  return findings
}

/** The weights and a request of mean length fit. */
const unfit = (pool: Pool, index: number, workload: WorkloadSpec): readonly Finding[] => {
  const { memory, cache, target } = pool
  const tokens = requestTokens({ target, workload })
  if (memory.fits && cache.blocks * cache.blockTokens >= tokens) return []
  const needed = memory.weights + memory.activations + memory.overhead + tokens * memory.keyValueBytesPerToken
  return [
    {
      path: at(index),
      at: "key",
      problem: `${target.model.title} does not fit in ${pool.name}: ${formatBytes(needed)} with one request of ${formatCount(tokens)} tokens`,
      given: `${target.precision}, tensor ${target.layout.tensor}, pipeline ${target.layout.pipeline}`,
      expected: `at most ${formatBytes(memory.usableBytes)} on the fullest accelerator`
    }
  ]
}

/** Classes ask for models that pools serve, and say which where there are several. */
const models = (
  pools: readonly Pool[],
  workload: WorkloadSpec,
  { workload: written }: ServingScenario
): readonly Finding[] => {
  const names = [...new Set(pools.map(({ target }) => target.model.name))]
  if (names.length > 1 && written.classes === undefined)
    return [
      {
        path: ["workload"],
        at: "key",
        problem: `the pools serve ${names.join(" and ")}`,
        given: "no classes",
        expected: "classes, each with the model that it asks for"
      }
    ]
  const findings = workload.classes.flatMap(({ name, model }, index): Finding[] => {
    if (model === undefined)
      return names.length === 1
        ? []
        : [
            {
              path: ["workload", "classes", index],
              at: "key",
              problem: `${name} does not say which model it asks for`,
              given: "no model",
              expected: `model: one of ${names.join(", ")}`
            }
          ]
    return names.includes(model)
      ? []
      : [
          {
            path: ["workload", "classes", index, "model"],
            problem: `no pool serves ${show(model)}`,
            given: show(model),
            expected: `one of ${names.join(", ")}`
          }
        ]
  })
  if (findings.length > 0) return findings
  const asked = new Set(workload.classes.map(({ model }) => model ?? names[0]))
  return pools.flatMap(({ target, name }, index) =>
    asked.has(target.model.name)
      ? []
      : [
          {
            path: at(index),
            at: "key",
            problem: `no class asks for ${target.model.name}, which ${name} serves`,
            given: target.model.name,
            expected: "a class with that model, or no such pool"
          }
        ]
  )
}

/** The pools with their weights: as given, or how fast a replica serves the mean request, the first pool's being 1. */
export const weighed = (
  pools: readonly Pool[],
  { poolWeights }: WrittenServer,
  workload: WorkloadSpec
): readonly Pool[] => {
  if (poolWeights !== "speed") return pools
  const { arrivals, classes } = workload
  const mean = (values: Int32Array): number =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
  const lengths = (pool: Pool): readonly [number, number] => {
    if (arrivals.kind === "trace") return [mean(arrivals.trace.promptTokens), mean(arrivals.trace.outputTokens)]
    const own = classes.filter(({ model }) => model === undefined || model === pool.target.model.name)
    const weight = own.reduce((sum, each) => sum + each.weight, 0)
    const of = (tokens: (one: (typeof own)[number]) => number): number =>
      own.reduce((sum, each) => sum + (each.weight * tokens(each)) / weight, 0)
    return [
      of(({ prompt, sharedPrefix }) => distributionMean(prompt) + (sharedPrefix?.tokens ?? 0)),
      of(({ output }) => distributionMean(output))
    ]
  }
  const speeds = pools.map((pool) => poolSpeed(pool, ...lengths(pool)))
  return pools.map((pool, index) => ({ ...pool, weight: speeds[index]! / speeds[0]! }))
}
