/** Fleets drawn by lot whose replicas come, go and fail, behind every router, with admission by goals and fair shares. */
import { randomStream } from "../../../src/random/index.ts"
import { poolsOf, type Lifecycle, type Pool, type RouterName, type ScalingSignal, type ServingJob } from "../../../src/serving/index.ts" // prettier-ignore
import { drawnJob, policyNames } from "../drawn-jobs.ts"
import { drawnTiers } from "../tiers/drawn-tiers.ts"
import { drawnFleet } from "./drawn-fleets.ts"

export const everyRouter: readonly RouterName[] = [
  "round-robin",
  "random",
  "least-requests",
  "least-tokens",
  "power-of-two",
  "prefix-aware",
  "session",
  "least-ttft"
]

const signals: readonly ScalingSignal[] = ["requests", "tokens", "busy", "queue", "ttft", "tpot", "schedule"]

/**
 * @param seed      of everything that is drawn, and of the run
 * @param isMixing  prefill and decode pools, which stand in for one another; half of them with tiers of the cache
 * @param isNarrow  of those: no tiers, no pools that serve requests whole, and no routers that look at requests
 */
export const drawnLiving = (seed: number, isMixing = false, isNarrow = false): ServingJob => {
  const job = drawnOnce(seed, isMixing, isNarrow)
  return isMixing && !isNarrow && seed % 2 === 0 ? drawnTiers(seed, job) : job
}

const drawnOnce = (seed: number, isMixing: boolean, isNarrow: boolean): ServingJob => {
  const draw = randomStream(seed, isMixing ? "living mixing fleet" : "living fleet")
  const chance = (share: number): boolean => draw() < share
  const whole = (low: number, high: number): number => low + Math.floor(draw() * (high - low + 1))
  const oneOf = <A>(items: readonly A[]): A => items[Math.floor(draw() * items.length)]!
  const base = isMixing || chance(0.4) ? drawnFleet(seed, isMixing, isNarrow) : drawnJob(oneOf(policyNames), seed)
  const lifecycle = (replicas: number): Lifecycle => {
    const signal = oneOf(signals)
    const minimum = whole(signal === "schedule" ? 1 : 0, Math.min(1, replicas))
    const initial = whole(minimum, replicas)
    return {
      startUp: {
        nodeSeconds: draw(),
        imageSeconds: chance(0.5) ? draw() : 0,
        weightBytes: chance(0.2) ? 0 : 100,
        readBytesPerSecond: 200,
        storageBytesPerSecond: 50 + 400 * draw(),
        warmUpSeconds: draw()
      },
      ...(chance(0.7)
        ? {
            scaling: {
              minimum,
              maximum: replicas,
              initial,
              signal,
              target:
                signal === "tokens" ? 400 : signal === "ttft" || signal === "tpot" ? 0.1 * draw() : 0.1 + 4 * draw(),
              quantile: 0.9,
              windowSeconds: 0.5 + 2 * draw(),
              everySeconds: 0.2 + draw(),
              tolerance: 0.1,
              upCooldownSeconds: draw(),
              downCooldownSeconds: draw(),
              spare: whole(0, 1),
              schedule:
                signal === "schedule"
                  ? [[0, initial], [draw() * 3, whole(1, replicas)], [4, whole(1, replicas)]] // prettier-ignore
                  : []
            }
          }
        : {}),
      ...(chance(0.7)
        ? {
            failures: {
              meanSeconds: chance(0.7) ? 2 + 5 * draw() : Infinity,
              at: Array.from({ length: whole(0, 3) }, () => [5 * draw(), whole(0, replicas - 1)] as const),
              repairSeconds: draw(),
              requests: oneOf(["lost", "retry", "resume"] as const),
              retries: whole(1, 4)
            }
          }
        : {}),
      ...(chance(0.3) ? { restart: { atSeconds: 2 * draw() } } : {})
    }
  }
  const order = chance(0.3) ? { order: "fair" as const } : {}
  const living = <A extends Pick<Pool, "replicas" | "batching">>(server: A): A => {
    const replicas = whole(1, 4)
    return {
      ...server,
      batching: { ...server.batching, ...order },
      replicas,
      ...(chance(0.8) ? { lifecycle: lifecycle(replicas) } : {})
    }
  }
  const pools = base.pools?.map(living)
  const isAdmitting = chance(0.4)
  const job: ServingJob = {
    ...(pools === undefined ? living(base) : { ...base, pools }),
    queue: { ...base.queue, router: oneOf(isNarrow ? everyRouter.slice(0, 5) : everyRouter) },
    routing: {
      loadWeight: oneOf([0, 0.5, 1, 4]),
      knows: chance(0.3) ? "cache" : "index",
      indexBlocks: oneOf([0, 0, 5]),
      isLogged: chance(0.3)
    },
    workload: {
      ...base.workload,
      classes: base.workload.classes.map((one) => ({
        ...one,
        share: whole(1, 3),
        ...(isAdmitting && chance(0.7)
          ? { admission: oneOf(["reject", "defer"] as const), objectives: { ttftSeconds: 0.3 * draw() } }
          : {})
      }))
    }
  }
  return pools === undefined ? job : { ...job, batching: poolsOf(job)[0]!.batching }
}
