/** The pools of a job: those of a fleet, or the one that a server is. */
import type { Pool, PoolRole, RequestClass, ServingJob } from "../types.ts"

/** All pools, in the order in which their replicas are numbered. */
export const poolsOf = (job: ServingJob): readonly Pool[] => {
  if (job.pools !== undefined) return job.pools
  const { target, steps, memory, replicas, batching, cache, adapters, nodeWatts, lifecycle } = job
  return [
    {
      name: job.name,
      role: "both",
      weight: 1,
      machines: 0,
      target,
      steps,
      memory,
      replicas,
      batching,
      cache,
      ...(adapters === undefined ? {} : { adapters }),
      nodeWatts,
      ...(lifecycle === undefined ? {} : { lifecycle })
    }
  ]
}

/** Pools where requests of a class can be: all, unless it names a model. */
const serves = ({ target }: Pool, model: string | undefined): boolean =>
  model === undefined || target.model.name === model

/** The pools where requests of a class may come in, and those where they may go from there. */
export interface Course {
  readonly front: readonly Pool[]
  readonly behind: readonly Pool[]
}

/** One course a class, in their order; classes that ask for the same model share theirs. */
export const coursesOf = (job: ServingJob): readonly Course[] => {
  const pools = poolsOf(job)
  const known = new Map<string | undefined, Course>()
  const course = ({ model }: Pick<RequestClass, "model">): Course => {
    const found = known.get(model)
    if (found !== undefined) return found
    const fitting = pools.filter((pool) => serves(pool, model))
    const made = {
      front: fitting.filter(({ role }) => role !== "decode"),
      behind: fitting.filter(({ role }) => role === "decode")
    }
    known.set(model, made)
    return made
  }
  return job.workload.classes.map(course)
}

/** Number of each pool's first replica, and of all replicas at the end. */
export const firstReplicas = (pools: readonly Pool[]): readonly number[] => {
  const firsts = [0]
  for (const { replicas } of pools) firsts.push(firsts.at(-1)! + replicas)
  return firsts
}

export const roles: readonly PoolRole[] = ["both", "prefill", "decode"]
