/** Fleets drawn by lot: pools of every role and iteration policy, several models, weights, narrow and wide wires. */
import { randomStream } from "../../../src/random/index.ts"
import type { BatchPolicyName, Pool, PoolRole, RouterName, ServingJob } from "../../../src/serving/index.ts"
import { drawnJob } from "../drawn-jobs.ts"

const halves: readonly PoolRole[] = ["prefill", "decode"]
const policies: readonly BatchPolicyName[] = [
  "none",
  "continuous",
  "continuous-chunked",
  "sarathi",
  "orca",
  "in-flight",
  "mixed"
]
const everyPolicy: readonly BatchPolicyName[] = [...policies, "static", "dynamic"]
const routers: readonly RouterName[] = [
  "round-robin",
  "random",
  "least-requests",
  "least-tokens",
  "least-queued",
  "power-of-two"
]

/**
 * @param seed      of everything that is drawn, and of the run
 * @param isMixing  prefill and decode pools, which stand in for one another
 * @param isNarrow  of those: nobody beside them serves requests whole
 */
export const drawnFleet = (seed: number, isMixing = false, isNarrow = false): ServingJob => {
  const draw = randomStream(seed, isMixing ? "mixing fleet" : "fleet")
  const chance = (share: number): boolean => draw() < share
  const whole = (low: number, high: number): number => low + Math.floor(draw() * (high - low + 1))
  const oneOf = <A>(items: readonly A[]): A => items[Math.floor(draw() * items.length)]!
  const first = drawnJob(oneOf(policies), seed)
  const models = chance(0.3) ? ["small", "large"] : ["small"]
  const layers = whole(1, 6)
  const machines = chance(0.5)
  const wires = { perNode: oneOf([1, 2]), nics: 1, rate: 10 ** (2 + 4 * draw()), core: oneOf([1, 1, 3]) }
  const hasAdapters = chance(0.3)
  const make = (role: PoolRole, model: string, index: number): Pool => {
    // Fixed batches hand nothing over, and have no adapters.
    const own = role === "both" && !hasAdapters ? everyPolicy : policies
    const drawn = drawnJob(oneOf(own), 1000 * seed + index)
    const { slidingWindow } = first.target.model
    return {
      name: `${role} ${index}`,
      role,
      weight: oneOf([0.5, 1, 2]),
      machines: machines ? index : 0,
      target: {
        ...drawn.target,
        maximumSequence: first.target.maximumSequence,
        model: {
          name: model,
          layers: slidingWindow === null ? layers : first.target.model.layers,
          slidingWindow,
          latentAttention: null,
          keyValueHeads: 1,
          headDimension: 4
        },
        keyValuePrecision: "fp8",
        accelerator: { host: "pcie5x16" },
        fabric: {
          acceleratorsPerNode: wires.perNode,
          nodes: 8,
          scaleUp: {
            link: { pointToPointShare: 1, latencySeconds: 1e-4 },
            bytesPerSecond: 1e4,
            domain: wires.perNode
          },
          network: {
            link: { pointToPointShare: 0.8 },
            nicsPerNode: wires.nics,
            bytesPerSecond: wires.rate,
            latencySeconds: 0.001,
            oversubscription: wires.core
          }
        }
      } as unknown as Pool["target"],
      steps: drawn.steps,
      memory: drawn.memory,
      replicas: whole(1, 3),
      batching: drawn.batching,
      cache: {
        ...drawn.cache,
        // A request of the longest sequence fits everywhere.
        blocks: Math.max(drawn.cache.blocks, Math.ceil(first.target.maximumSequence / drawn.cache.blockTokens))
      },
      ...(hasAdapters
        ? {
            adapters: {
              places: whole(1, 4),
              rank: 8,
              cost: { bytes: 1, stepSeconds: 0.001, secondsPerAdapter: 0.002, secondsPerToken: 1e-5, loadSeconds: 0.01 }
            }
          }
        : {}),
      nodeWatts: 0
    }
  }
  const isDivided = isMixing || chance(0.8)
  let index = 0
  const pools = models.flatMap((model) => {
    const sides: PoolRole[] = isDivided ? ["prefill", "decode"] : ["both"]
    if (chance(0.3)) sides.push(oneOf(isNarrow ? halves : isDivided ? [...halves, "both"] : ["both"]))
    return sides.map((role) => make(role, model, index++))
  })
  const { target, steps, memory, replicas, batching, cache, nodeWatts } = pools[0]!
  return {
    ...first,
    target,
    steps,
    memory,
    replicas,
    batching,
    cache,
    nodeWatts,
    pools,
    ...(hasAdapters ? { adapterChoice: { count: 6, exponent: 1, share: 0.8 } } : {}),
    isWeighed: chance(0.4),
    queue: { ...first.queue, router: oneOf(routers) },
    handover: {
      overlap: chance(0.6) ? "layer-wise" : "after-prefill",
      router: oneOf(routers),
      ...(isMixing ? { mixing: { promptTokens: oneOf([0, 50, 400]) } } : {})
    },
    workload: {
      ...first.workload,
      classes: first.workload.classes.map((each, place) => ({ ...each, model: models[place % models.length]! }))
    }
  }
}
