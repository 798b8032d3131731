/** Fleets for tests: pools with step laws that can be computed by hand, on machines whose wires have round numbers. */
import type { InferenceTarget } from "../../../src/inference/index.ts"
import type { Handover, Pool, ServingJob } from "../../../src/serving/index.ts"
import { servingJob, type JobChanges } from "../jobs.ts"

export interface WireChanges {
  /** Bytes/s of a NIC, of which every accelerator has one unless `nicsPerNode` says otherwise. */
  readonly nic?: number
  readonly nicsPerNode?: number
  readonly perNode?: number
  /** Bytes/s of an accelerator inside a domain, and accelerators of a domain. */
  readonly scaleUp?: number
  readonly domain?: number
  readonly oversubscription?: number
}

export interface PoolChanges extends JobChanges {
  readonly pool?: Partial<Pool>
  readonly wires?: WireChanges
  readonly layers?: number
  /** Of keys and values, all layers together; a multiple of 2 x layers. */
  readonly bytesPerToken?: number
}

export const pool = (name: string, role: Pool["role"], changes: PoolChanges = {}): Pool => {
  const { target, steps, memory, replicas, batching, cache, nodeWatts } = servingJob(changes)
  const { nic = 100, perNode = 1, scaleUp = 1000, domain = 1, oversubscription = 1 } = changes.wires ?? {}
  const layers = changes.layers ?? 4
  return {
    name,
    role,
    weight: 1,
    machines: 0,
    target: {
      ...target,
      model: {
        ...target.model,
        name: "model",
        layers,
        latentAttention: null,
        keyValueHeads: 1,
        headDimension: (changes.bytesPerToken ?? 8) / (2 * layers)
      },
      keyValuePrecision: "fp8",
      fabric: {
        acceleratorsPerNode: perNode,
        nodes: 2,
        scaleUp: { link: { pointToPointShare: 1, latencySeconds: 0 }, bytesPerSecond: scaleUp, domain },
        network: {
          link: { pointToPointShare: 1 },
          nicsPerNode: changes.wires?.nicsPerNode ?? perNode,
          bytesPerSecond: nic,
          latencySeconds: 0,
          oversubscription
        }
      },
      accelerator: { host: "pcie5x16" }
    } as unknown as InferenceTarget,
    steps,
    memory,
    replicas,
    batching,
    cache,
    nodeWatts,
    ...changes.pool
  }
}

/** @param changes  of the job; its pools' are given with them */
export const fleet = (pools: readonly Pool[], changes: JobChanges & Partial<Handover> = {}): ServingJob => {
  const { target, steps, memory, replicas, batching, cache, nodeWatts } = pools[0]!
  return {
    ...servingJob(changes),
    target,
    steps,
    memory,
    replicas,
    batching,
    cache,
    nodeWatts,
    pools,
    handover: {
      overlap: changes.overlap ?? "after-prefill",
      router: changes.router ?? "least-requests",
      ...(changes.mixing === undefined ? {} : { mixing: changes.mixing })
    }
  }
}
