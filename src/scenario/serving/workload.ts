/**
 * The workload of a scenario as the simulation takes it: arrivals, classes with their defaults, and where it ends.
 */
import type { Arrivals, Objectives, RequestClass, RequestTrace, WorkloadSpec } from "../../serving/index.ts"
import { show, type Finding, type Path } from "../issue.ts"
import type { ServingScenario } from "../schema.ts"
import { arrivalsOf } from "./arrivals.ts"
import { distributionOf, isFindings } from "./distribution.ts"
import { classRoutingOf } from "./routing.ts"
import { meanRate } from "./time-limit.ts"

type Written = ServingScenario["workload"]
type WrittenClass = Omit<NonNullable<Written["classes"]>[number], "name"> & { readonly name?: string }

/** Most requests of a run: their log takes about 100 bytes each. */
export const mostRequests = 2e7

const usualRequests = 1000
/** Rounds of a closed loop that are long enough to leave its start behind (InferenceMAX takes ten). */
const roundsPerUser = 10

const missing = (path: Path, expected: string): Finding => ({
  path,
  at: "key",
  problem: "is missing",
  given: "nothing",
  expected
})

const superfluous = (path: Path, why: string, expected: string): Finding => ({
  path,
  at: "key",
  problem: why,
  given: String(path.at(-1)),
  expected
})

const objectivesOf = (slo: Written["slo"] = {}): Objectives => ({
  ...(slo.ttft === undefined ? {} : { ttftSeconds: slo.ttft }),
  ...(slo.tpot === undefined ? {} : { tpotSeconds: slo.tpot }),
  ...(slo.e2e === undefined ? {} : { e2eSeconds: slo.e2e })
})

/** Rows of a trace bring their own lengths: a class is then only about goals, priority and patience. */
const fromTrace = { kind: "constant", value: 1 } as const

const classOf = (
  written: WrittenClass,
  path: Path,
  { shared, isTrace }: { readonly shared: Written; readonly isTrace: boolean }
): RequestClass | readonly Finding[] => {
  const { sharedPrefix, conversation } = written
  const length = (field: "prompt" | "output", example: string) => {
    const given = written[field]
    if (given !== undefined) return distributionOf(given, [...path, field], field)
    return isTrace ? fromTrace : [missing([...path, field], `tokens such as ${example}, or a distribution`)]
  }
  const extra = (isTrace ? ownFields : [])
    .filter((field) => written[field] !== undefined)
    .map((field) => superfluous([...path, field], "the trace has it", "nothing: a trace brings its own lengths"))
  const prompt = length("prompt", "512")
  const output = length("output", "128")
  const here = [...path, "conversation"]
  const turns = conversation === undefined ? undefined : distributionOf(conversation.turns, [...here, "turns"])
  const thinkTime = distributionOf(conversation?.thinkTime ?? 0, [...here, "thinkTime"])
  const followUp =
    conversation?.followUp === undefined ? undefined : distributionOf(conversation.followUp, [...here, "followUp"])
  const compact = conversation?.compact
  if (compact !== undefined && compact.to >= compact.at)
    return [
      {
        path: [...here, "compact", "to"],
        problem: "the summary is no shorter than what it sums up",
        given: show(compact.to),
        expected: `less than ${compact.at} tokens`
      }
    ]
  const parts = [prompt, output, turns, thinkTime, followUp]
  if (
    extra.length > 0 ||
    isFindings(prompt) ||
    isFindings(output) ||
    isFindings(turns) ||
    isFindings(thinkTime) ||
    isFindings(followUp)
  )
    return [...extra, ...parts.flatMap((part) => (isFindings(part) ? part : []))]
  return {
    name: written.name ?? "requests",
    ...(written.model === undefined ? {} : { model: written.model }),
    weight: written.weight ?? 1,
    priority: written.priority ?? 0,
    ...classRoutingOf(written),
    prompt,
    output,
    objectives: { ...objectivesOf(shared.slo), ...objectivesOf(written.slo) },
    sharedPrefix:
      sharedPrefix === undefined
        ? null
        : { tokens: sharedPrefix.tokens, count: sharedPrefix.count ?? 1, exponent: sharedPrefix.exponent ?? 1 },
    conversation:
      turns === undefined
        ? null
        : {
            turns,
            thinkTime,
            ...(followUp === undefined ? {} : { followUp }),
            ...(compact === undefined ? {} : { compact })
          },
    patienceSeconds: written.patience ?? shared.patience ?? null
  }
}

/** The fields that describe requests of one kind, which classes or a trace take the place of. */
const ownFields = ["prompt", "output", "sharedPrefix", "conversation"] as const

const classesOf = (written: Written, isTrace: boolean): readonly RequestClass[] | readonly Finding[] => {
  const { classes } = written
  const about = { shared: written, isTrace }
  if (classes === undefined) {
    const own = Object.fromEntries(ownFields.map((field) => [field, written[field]] as const))
    const only = classOf(own, ["workload"], about)
    return isFindings(only) ? only : [only]
  }
  const extra = ownFields
    .filter((field) => written[field] !== undefined)
    .map((field) =>
      superfluous(["workload", field], "classes are given as well", "either classes, or prompt and output")
    )
  const names = classes.map(({ name }) => name)
  const twice = names.findIndex((name, index) => names.indexOf(name) < index)
  if (twice >= 0)
    extra.push({
      path: ["workload", "classes", twice, "name"],
      problem: `there is another class ${show(names[twice])}`,
      given: show(names[twice]),
      expected: "a name of its own for each class"
    })
  const made = classes.map((one, index) => classOf(one, ["workload", "classes", index], about))
  const findings = [...extra, ...made.flatMap((one) => (isFindings(one) ? one : []))]
  return findings.length > 0 ? findings : (made as readonly RequestClass[])
}

/**
 * Requests until the workload ends: as written; otherwise those of the trace, ten rounds of a closed loop or a thousand,
 * whichever is more, and as many as come where there is a duration.
 */
const requestsOf = (written: Written, arrivals: Arrivals, largestBatch: number): number => {
  if (written.requests !== undefined) return written.requests
  if (arrivals.kind === "rounds") return Math.min(mostRequests, arrivals.prompts * arrivals.samples * arrivals.rounds)
  if (arrivals.kind === "trace") return arrivals.trace.arrivalSeconds.length
  if (written.duration !== undefined) return mostRequests
  if (arrivals.kind === "batch") return largestBatch
  return arrivals.kind === "closedLoop" ? Math.max(usualRequests, roundsPerUser * arrivals.users) : usualRequests
}

export interface WorkloadRequest {
  readonly written: Written
  /** The recorded workload, where the arrivals are one. */
  readonly trace: RequestTrace | null
  /** Sequences of a step: what an offline run without a number of requests takes. */
  readonly largestBatch: number
}

export const workloadOf = ({ written, trace, largestBatch }: WorkloadRequest): WorkloadSpec | readonly Finding[] => {
  const recorded = written.arrivals.trace
  const arrivals: Arrivals | readonly Finding[] =
    trace === null ? arrivalsOf(written.arrivals) : { kind: "trace", trace, speedUp: recorded?.speedUp ?? 1 }
  const classes = classesOf(written, trace !== null)
  const findings = [
    ...(isFindings(arrivals) ? arrivals : []),
    ...classes.filter((one): one is Finding => "problem" in one)
  ]
  if (findings.length > 0 || isFindings(arrivals)) return findings
  const seconds = written.duration ?? Infinity
  const expected = meanRate(arrivals) * seconds
  if (written.requests === undefined && seconds < Infinity && expected > mostRequests)
    return [
      {
        path: ["workload", "duration"],
        problem: `about ${expected.toPrecision(3)} requests would come`,
        given: show(written.duration),
        expected: `a shorter duration, or requests of at most ${mostRequests / 1e6} million`
      }
    ]
  const warmUpSeconds = written.warmUp ?? 0
  if (warmUpSeconds > 0 && warmUpSeconds >= seconds)
    return [
      {
        path: ["workload", "warmUp"],
        problem: `nothing is left after a warm-up of ${warmUpSeconds} s`,
        given: show(written.warmUp),
        expected: `less than the duration of ${seconds} s`
      }
    ]
  return {
    arrivals,
    classes: classes as readonly RequestClass[],
    requests: requestsOf(written, arrivals, largestBatch),
    seconds,
    warmUpSeconds
  }
}
