/**
 * Requests per second that a fleet could serve, of the mix that arrived: the model that is short of replicas first decides,
 * and of its prefill and decode sides the slower one.
 */
import { coursesOf, poolsOf } from "../fleet/pools.ts"
import type { Pool, RequestLog, ServingJob } from "../types.ts"
import { modelledCapacity } from "./capacity.ts"
import { requestMix, windowOf } from "./mix.ts"
import { mixOfRole } from "./pool-speed.ts"

/** Replicas that requests come to first. */
export const frontReplicasOf = (job: ServingJob): number =>
  poolsOf(job).reduce((sum, { role, replicas }) => sum + (role === "decode" ? 0 : replicas), 0)

/** @param outputs  tokens that the requests ask for; 0 where they are refused */
export const offeredCapacity = (job: ServingJob, requests: RequestLog, outputs: Int32Array): number => {
  if (job.pools === undefined)
    return modelledCapacity(job, requestMix(requests, outputs, windowOf(job.target.model)), outputs)
  const courses = coursesOf(job)
  let capacity = Infinity
  for (const course of new Set(courses)) {
    const own = outputs.map((tokens, request) => (courses[requests.classIndex[request]!] === course ? tokens : 0))
    const share = own.filter((tokens) => tokens > 0).length / outputs.filter((tokens) => tokens > 0).length
    const of = (pools: readonly Pool[]): number =>
      pools.reduce((sum, pool) => {
        const mix = requestMix(requests, own, windowOf(pool.target.model))
        return sum + modelledCapacity(pool, mixOfRole(mix, pool.role), own)
      }, 0)
    if (!(share > 0)) continue
    const whole = of(course.front.filter(({ role }) => role === "both"))
    const prompts = of(course.front.filter(({ role }) => role === "prefill"))
    const answers = course.behind.length === 0 ? 0 : of(course.behind)
    capacity = Math.min(capacity, (whole + Math.min(prompts, answers)) / share)
  }
  return capacity === Infinity ? NaN : capacity
}
