/** What the server makes of the lengths that clients ask for. */
import { type Course, coursesOf } from "../fleet/pools.ts"
import type { RequestLog, ServingJob } from "../types.ts"

/** The pools that requests of each class come through, and the longest sequence that all of them accept. */
interface Limits {
  readonly course: Course
  readonly longest: number
}

const known = new WeakMap<ServingJob, readonly Limits[]>()

const limitsOf = (job: ServingJob, classIndex: number): Limits => {
  let limits = known.get(job)
  if (limits === undefined) {
    limits = coursesOf(job).map((course) => ({
      course,
      longest: Math.min(...[...course.front, ...course.behind].map(({ target }) => target.maximumSequence))
    }))
    known.set(job, limits)
  }
  return limits[classIndex] ?? limits[0]!
}

/** Tokens that a request gets if it is served to its end: what it asks for, cut at the longest sequence. */
export const servedTokens = (job: ServingJob, requests: RequestLog, request: number): number => {
  const { longest } = limitsOf(job, requests.classIndex[request]!)
  return Math.max(1, Math.min(requests.output[request]!, longest - requests.prompt[request]!))
}

/** Whether the server refuses a request for its length, however idle it is. */
export const isTooLong = (job: ServingJob, requests: RequestLog, request: number): boolean => {
  const prompt = requests.prompt[request]!
  const { course, longest } = limitsOf(job, requests.classIndex[request]!)
  if (prompt >= longest) return true
  // The last token's keys and values are never needed.
  const whole = prompt + servedTokens(job, requests, request) - 1
  // Answers may be written on the prefill side as well where the sides stand in for one another.
  const isMixing = job.handover?.mixing !== undefined
  const isFull = ({ cache, role }: Course["front"][number]): boolean =>
    Math.ceil((role === "prefill" && !isMixing ? prompt : whole) / cache.blockTokens) > cache.blocks
  return course.front.some(isFull) || course.behind.some(isFull)
}

/** The same for every request; 0 for those that are refused. */
export const allServedTokens = (job: ServingJob, requests: RequestLog): Int32Array => {
  const tokens = new Int32Array(requests.count)
  for (let request = 0; request < requests.count; request++)
    tokens[request] = isTooLong(job, requests, request) ? 0 : servedTokens(job, requests, request)
  return tokens
}
