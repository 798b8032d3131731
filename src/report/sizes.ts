/**
 * The same work on more or fewer accelerators: replicas of the layout, as many as there is room for.
 */
import type { Changes, ResolvedServing, ResolvedTraining } from "../scenario/index.ts"
import type { LoadKnob } from "./load-levels.ts"

export interface Size {
  readonly accelerators: number
  readonly changes: Changes
}

const times = [0.25, 0.5, 2, 4] as const

/** Data-parallel replicas, at the same global batch. */
export const trainingSizes = ({ job, accelerators }: ResolvedTraining): readonly Size[] =>
  times.flatMap((factor) => {
    const data = job.layout.data * factor
    if (!Number.isInteger(data)) return []
    return [
      {
        accelerators: accelerators * factor,
        changes: {
          "cluster.nodes": null,
          "cluster.accelerators": accelerators * factor,
          "training.parallelism.data": data
        }
      }
    ]
  })

/** How far beyond its capacity a server is loaded to see what it can do. */
const overload = 1.3

/**
 * Replicas of the server, each number with more work than it can do: what it then finishes is what it can do. The
 * requests grow with the replicas, so that every run is as long.
 *
 * @param full  multiple of the scenario's load that fills the server as it is
 */
export const servingSizes = (
  { job, accelerators }: ResolvedServing,
  knob: LoadKnob | undefined,
  full: number
): readonly Size[] =>
  [...times, 1]
    .flatMap((factor) => {
      const replicas = job.replicas * factor
      if (!Number.isInteger(replicas)) return []
      const load = knob === undefined || knob.users !== undefined ? factor : overload * full * factor
      return [
        {
          accelerators: accelerators * factor,
          changes: {
            "cluster.nodes": null,
            "cluster.accelerators": accelerators * factor,
            "serving.replicas": replicas,
            ...knob?.at(load),
            // A workload that ends at a time has as many requests as come until then.
            ...(job.workload.seconds < Infinity
              ? {}
              : { "workload.requests": Math.round(job.workload.requests * Math.max(1, factor)) })
          }
        }
      ]
    })
    .sort((one, other) => one.accelerators - other.accelerators)
