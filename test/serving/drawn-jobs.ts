/** Serving jobs drawn by lot: every policy, small and large caches, shared prefixes, windows, timeouts, several replicas. */
import { randomStream, type RandomStream } from "../../src/random/index.ts"
import type { Batching, BatchPolicyName, RequestClass, RouterName, ServingJob } from "../../src/serving/index.ts"
import { servingJob } from "./jobs.ts"

export const policyNames: readonly BatchPolicyName[] = [
  "none",
  "static",
  "dynamic",
  "continuous",
  "continuous-chunked",
  "sarathi",
  "orca",
  "in-flight",
  "mixed"
]

const routers: readonly RouterName[] = ["round-robin", "random", "least-requests", "least-tokens", "power-of-two"]

/** @param seed  of everything that is drawn, and of the run */
export const drawnJob = (policy: BatchPolicyName, seed: number): ServingJob => {
  const draw = randomStream(seed, `job of ${policy}`)
  const chance = (share: number): boolean => draw() < share
  const whole = (low: number, high: number): number => low + Math.floor(draw() * (high - low + 1))
  const oneOf = <A>(items: readonly A[]): A => items[Math.floor(draw() * items.length)]!
  const blockTokens = oneOf([1, 4, 16, 32])
  const longest = oneOf([60, 300])
  const longestBlocks = Math.ceil((longest * 3) / blockTokens)
  const stages = chance(0.3) ? whole(2, 4) : 1
  const hasWindow = chance(0.25)
  const hasPrefixes = chance(0.4)
  const isLoop = chance(0.3)
  const maximumStepTokens = oneOf([40, 128, 512])
  const rate = 2 + 20 * draw()
  return servingJob({
    law: {
      fixed: 0.005 + 0.01 * draw(),
      perToken: 0.0001 * draw(),
      perFullest: 0.0003,
      perContext: chance(0.2) ? 0 : 0.00002 * draw(),
      perPair: chance(0.5) ? 0 : 1e-7 * draw(),
      floor: chance(0.5) ? 0.02 * draw() : 0,
      host: chance(0.5) ? 0.001 * draw() : 0,
      hop: 0.001 * draw(),
      stages,
      firstToken: chance(0.3) ? 0.05 : 0,
      isWindowed: hasWindow
    },
    batching: {
      policy,
      maximumSequences: oneOf([1, 3, 8, 32]),
      maximumStepTokens,
      timeoutSeconds: draw(),
      chunkTokens: policy === "sarathi" || chance(0.3) ? whole(8, 64) : 0,
      chunkedPrefill: chance(0.5),
      ...(policy === "mixed" ? { mostPauses: whole(0, 5) } : {}),
      ...(policy === "in-flight" ? drawnWait(seed) : {}),
      order: chance(0.3) ? "priority" : "arrival",
      batchesInFlight: stages > 1 && chance(0.6) ? whole(2, stages) : 1
    },
    cache: {
      blockTokens,
      // From barely enough for the longest request to more than enough for all.
      blocks: Math.ceil(longestBlocks * (chance(0.6) ? 1 + 2 * draw() : 40)),
      prefixCaching: hasPrefixes || chance(0.3),
      preemption: chance(0.3) ? "swap" : "recompute",
      swapSecondsPerToken: 0.0001 * draw(),
      swapBlocks: chance(0.5) ? longestBlocks : 10 * longestBlocks,
      watermark: chance(0.5) ? 0.01 : 0
    },
    queue: {
      router: oneOf(routers),
      limit: chance(0.3) ? whole(0, 20) : Infinity,
      timeoutSeconds: chance(0.3) ? 0.2 + 5 * draw() : Infinity,
      retries: whole(0, 2),
      retrySeconds: 0.1 + draw()
    },
    workload: {
      arrivals: isLoop
        ? { kind: "closedLoop", users: whole(1, 60), thinkTime: { kind: "exponential", mean: 2 * draw() } }
        : chance(0.2)
          ? { kind: "batch" }
          : { kind: "poisson", rate: { kind: "constant", rate } },
      classes: Array.from({ length: whole(1, 2) }, (_, index) => drawnClass(draw, index, longest, hasPrefixes)),
      requests: whole(5, 150),
      seconds: Infinity,
      warmUpSeconds: 0
    },
    job: {
      replicas: chance(0.3) ? whole(2, 3) : 1,
      seed,
      timeLimitSeconds: chance(0.2) ? 3 + 10 * draw() : Infinity
    },
    dataAttention: chance(0.15) ? 2 : 1,
    maximumSequence: longest * 3,
    ...(hasWindow ? { window: whole(8, 100), isHybrid: chance(0.5) } : {})
  })
}

/** In half of the jobs, drawn apart, so that what else is drawn of a seed stays. */
const drawnWait = (seed: number): Pick<Batching, "promptWait"> => {
  const draw = randomStream(seed, "wait of prompts")
  return draw() < 0.5 ? { promptWait: { steps: Math.floor(21 * draw()), tokensShare: draw() } } : {}
}

const drawnClass = (draw: RandomStream, index: number, longest: number, hasPrefixes: boolean): RequestClass => ({
  name: `class ${index}`,
  weight: 1 + index,
  priority: Math.floor(draw() * 3),
  prompt: { kind: "uniform", low: 1, high: longest },
  output: draw() < 0.2 ? { kind: "constant", value: 1 } : { kind: "exponential", mean: longest / 3 },
  objectives: {},
  sharedPrefix:
    hasPrefixes && draw() < 0.7 ? { tokens: 1 + Math.floor(draw() * longest), count: 3, exponent: 1 } : null,
  conversation:
    hasPrefixes && draw() < 0.5
      ? { turns: { kind: "constant", value: 3 }, thinkTime: { kind: "exponential", mean: 0.5 } }
      : null,
  patienceSeconds: draw() < 0.3 ? 1 + 10 * draw() : null
})
