/**
 * What no replica of a kind can be better than, whatever its load and its scheduler do; and what it will about do.
 *
 * ReplicaBounds come from the step model by which the simulation prices every step:
 *
 * - a token: no decode step is shorter than the shortest of any batch with the least context, and each of a request's tokens
 *   after the first takes a step (speculation: several tokens a step at most);
 * - a first token: no prompt is computed faster than at the least seconds a token of any step, at the slowest stage;
 * - requests a second: a stage works at least (prompt + answer tokens) x (least seconds a token of any step) + (context of
 *   the answer's steps) x (slope of a step in its context) for each; and decodes no more tokens a second than the batch
 *   does whose step takes as long as the goal of a token allows, of steps that are the better used the longer they are.
 *
 * Where prompts and answers are apart, each pool has its part of this: prompt tokens alone, or answers' steps alone, whose
 * batch must also find room for its keys and values.
 */
import { expectedTokens, makeStepLoad, type StepLoad } from "../../inference/index.ts"
import { modelledCapacity, windowOf, type Batching, type ServingJob } from "../../serving/index.ts"
import { quantile } from "../../statistics/index.ts"
import { shareOf, type LatencyGoal } from "./goals.ts"
import type { DrawnRequests } from "./mix.ts"
import type { PoolSide } from "./types.ts"

export interface ReplicaBounds {
  /** Seconds that a token after the first takes at least, and the first token of a request of the goal's percentile. */
  readonly tokenSeconds: number
  readonly firstSeconds: number
  /** Requests a second that a replica serves at most within the goals. */
  readonly mostPerSecond: number
  /** Seconds that half of the answers take at least, end to end. */
  readonly answerSeconds: number
  /** Requests a second that a replica will about serve within the goals: an estimate, for ranking alone. */
  readonly modelledPerSecond: number
}

const load = (fields: Partial<StepLoad>): StepLoad => ({ ...makeStepLoad(), ...fields })

const decoding = (sequences: number, contextEach: number, window = Infinity): StepLoad =>
  load({
    decodes: sequences,
    decodeContext: sequences * contextEach,
    decodeWindow: sequences * Math.min(contextEach, window),
    sampled: sequences
  })

/** So many tokens of one prompt, whose attention costs nothing. */
const prompting = (tokens: number): StepLoad => load({ prefills: 1, prefillTokens: tokens, sampled: 1 })

/** Least seconds a token of a step of any size, at a stage. */
const secondsOfToken = ({ steps, batching, target }: Priced, stage: number): number =>
  ladder(Math.max(1 << 16, Math.min(1 << 22, batching.maximumStepTokens * target.layout.dataAttention))).reduce(
    (least, count) => Math.min(least, steps.stageSeconds(stage, prompting(count)) / count),
    Infinity
  )

type Priced = Pick<ServingJob, "steps" | "batching" | "target">

type StepSeconds = Pick<
  ServingJob["steps"],
  "stages" | "stageSeconds" | "hopSeconds" | "hostSeconds" | "firstTokenSeconds"
>

/** From the start of a step to its end: through all stages. */
const passSeconds = (steps: StepSeconds, of: StepLoad): number => {
  let sum = 0
  for (let stage = 0; stage < steps.stages; stage++) sum += steps.stageSeconds(stage, of)
  return sum + (steps.stages - 1) * steps.hopSeconds(of)
}

const slowestStage = (steps: StepSeconds, of: StepLoad): number => {
  let slowest = 0
  for (let stage = 0; stage < steps.stages; stage++) slowest = Math.max(slowest, steps.stageSeconds(stage, of))
  return slowest
}

/** Numbers to try: every one up to twice `parts`, then in steps of a part of themselves. */
const ladder = (most: number, parts = 8): readonly number[] => {
  const numbers: number[] = []
  for (let at = 1; at < most; at = Math.max(at + 1, Math.floor(at * (1 + 1 / parts)))) numbers.push(at)
  return [...numbers, Math.max(1, Math.floor(most))]
}

/** Where prompts go on from answers, or lengths are recorded, some bounds would not hold and are left out. */
const isPlain = ({ workload: { classes, arrivals } }: ServingJob): boolean =>
  arrivals.kind !== "trace" && classes.every(({ conversation }) => conversation === null)

/** @param side  what the replica does of a request; undefined = all of it */
export const boundsOf = (
  job: ServingJob,
  drawn: DrawnRequests,
  goals: readonly LatencyGoal[],
  side?: PoolSide
): ReplicaBounds => {
  const { steps, target, batching } = job
  const guessed = target.speculation === undefined ? 1 : target.speculation.tokens + 1
  const groups = target.layout.dataAttention
  const sequences = Math.max(1, Math.min(batching.maximumSequences * groups * batching.batchesInFlight, 1 << 20))
  // Replicas of many groups are few, and cost the most to simulate: finer steps bound them closer.
  const parts = groups > 1 ? 64 : 8
  const batches = ladder(sequences, parts)
  const tokenSeconds =
    side === "prefill"
      ? 0
      : batches.reduce((least, count) => Math.min(least, passSeconds(steps, decoding(count, 1))), Infinity) / guessed
  const isKnown = isPlain(job) && guessed === 1 && target.layout.feedForward === undefined
  return {
    tokenSeconds,
    firstSeconds: isPlain(job) && side !== "decode" ? firstTokenSeconds(job, drawn, goals) : 0,
    mostPerSecond: isKnown ? mostPerSecond(job, drawn, goals, { batches, parts, side }) : Infinity,
    answerSeconds: tokenSeconds * medianSteps(drawn.outputs),
    modelledPerSecond: modelledWithin(job, drawn, goals, side)
  }
}

/**
 * Steps after the first token that half of the counted answers take at least. Those of the warm-up don't count, a quarter: the
 * median of any three quarters is no lower than the three eighths' quantile of all.
 */
const medianSteps = (outputs: Int32Array): number =>
  outputs.length === 0 ? 0 : Math.max(0, Math.floor(quantile([...outputs], 0.37)) - 1)

/** Of the prompt that the goal's percentile reaches, or the mean of all. */
const firstTokenSeconds = (job: ServingJob, { own }: DrawnRequests, goals: readonly LatencyGoal[]): number => {
  const { steps } = job
  const goal = goals.find(({ metric }) => metric === "ttft")
  if (goal === undefined || own.length === 0) return 0
  // A rank lower than the percentile's: quantiles between two values lie below the upper one.
  const tokens =
    goal.statistic === "mean" ? meanOf(own) : quantile([...own], Math.max(0, shareOf[goal.statistic] - 2 / own.length))
  let slowest = 0
  for (let stage = 0; stage < steps.stages; stage++) slowest = Math.max(slowest, secondsOfToken(job, stage))
  return Math.floor(tokens) * slowest + steps.firstTokenSeconds
}

const sumOf = (values: Int32Array): number => values.reduce((sum, value) => sum + value, 0)
const meanOf = (values: Int32Array): number => (values.length === 0 ? 0 : sumOf(values) / values.length)

interface Ladder {
  /** Sequences of a step to try, and the part of themselves that they are apart. */
  readonly batches: readonly number[]
  readonly parts: number
  readonly side: PoolSide | undefined
}

const mostPerSecond = (
  job: ServingJob,
  { mix, prompts, outputs, own }: DrawnRequests,
  goals: readonly LatencyGoal[],
  { batches, parts, side }: Ladder
): number => {
  const { steps, target } = job
  let bound = Infinity
  const widest = batches.at(-1) ?? 1
  const tokens = (side === "decode" ? 0 : meanOf(own)) + (side === "prefill" ? 0 : mix.decodeSteps)
  for (let stage = 0; stage < steps.stages; stage++) {
    const seconds = (of: StepLoad): number => steps.stageSeconds(stage, of)
    const aToken = secondsOfToken(job, stage)
    // Where attention hides behind the exchange of experts, its context may cost nothing.
    const slope =
      side === "prefill" || target.overlapsExchange === true
        ? 0
        : Math.max(0, (seconds(decoding(widest, 2000)) - seconds(decoding(widest, 1000))) / (widest * 1000))
    const work = tokens * aToken + mix.decodeContext * slope
    if (work > 0) bound = Math.min(bound, 1 / work)
  }
  const goal = goals.find(({ metric }) => metric === "tpot")
  if (side === "prefill" || goal === undefined || mix.decodeSteps === 0) return bound
  const longest = passSeconds(steps, decoding(widest, 0))
  const late = goal.statistic === "mean" ? 0 : tokensOfLongest(outputs, 1 - shareOf[goal.statistic])
  const allowed = (1 - late) * goal.seconds + late * Math.max(goal.seconds, longest)
  // Every sequence that decodes attends to its prompt at least.
  const shortest = prompts.reduce((least, tokens) => Math.min(least, tokens), Infinity)
  const window = windowOf(target.model)
  let best = 0
  for (const count of batches) {
    // Batches in flight share the stages: a stage serves them in turn.
    const batch = decoding(count, shortest, window)
    if (passSeconds(steps, batch) <= allowed) best = Math.max(best, count / slowestStage(steps, batch))
  }
  // Between two rungs of the ladder a step may be as quick as at the lower one.
  return Math.min(bound, (best * (1 + 1 / parts)) / mix.decodeSteps)
}

/** Share of all tokens that the longest answers have, of so large a share of the requests. */
const tokensOfLongest = (outputs: Int32Array, share: number): number => {
  const sorted = outputs.toSorted().reverse()
  const count = Math.ceil(share * sorted.length)
  return sumOf(sorted.subarray(0, count)) / Math.max(1, sumOf(sorted))
}

/**
 * How near the mean time of a token may come to a goal for its percentile, and the load to the capacity; answers that no
 * prompts disturb are even.
 */
const usualHeadroom = { token: 0.85, rate: 0.85 }
const headrooms: Readonly<Record<PoolSide, typeof usualHeadroom>> = {
  prefill: usualHeadroom,
  decode: { token: 0.95, rate: 1 }
}

/**
 * Capacity at the largest batch whose tokens come in time in the steady state of the mean request: a step then takes
 * batch / (rate x steps of a request), by Little's law.
 */
const modelledWithin = (
  job: ServingJob,
  { mix: drawn, outputs, own }: DrawnRequests,
  goals: readonly LatencyGoal[],
  side: PoolSide | undefined
): number => {
  const mix = partOf(drawn, meanOf(own), side)
  const goal = goals.find(({ metric }) => metric === "tpot")
  const { speculation } = job.target
  const steps =
    mix.decodeSteps / (speculation === undefined ? 1 : expectedTokens(speculation.tokens, speculation.acceptance))
  const groups = job.target.layout.dataAttention
  const at = (sequences: number): { readonly rate: number; readonly token: number } => {
    const batching: Batching = { ...job.batching, maximumSequences: sequences }
    const rate = modelledCapacity({ ...job, replicas: 1, batching }, mix, outputs)
    return { rate, token: steps > 0 ? (sequences * groups) / (rate * mix.decodeSteps) : 0 }
  }
  const headroom = side === undefined ? usualHeadroom : headrooms[side]
  const full = at(job.batching.maximumSequences).rate
  if (goal === undefined || !(steps > 0)) return headroom.rate * full
  let best = 0
  for (const sequences of ladder(job.batching.maximumSequences)) {
    const { rate, token } = at(sequences)
    if (token <= headroom.token * goal.seconds) best = Math.max(best, rate)
  }
  return headroom.rate * Math.min(full, best)
}

/** What a replica does of the mean request, if the cache has all that can be in it. */
const partOf = (mix: DrawnRequests["mix"], own: number, side: PoolSide | undefined): DrawnRequests["mix"] => {
  const cached = mix.prompt - own
  const computed = { ...mix, cached, prefill: own, prefillPairs: own * (cached + (own + 1) / 2) }
  // Without a text that is shared the mean of squares is not the square of the mean: as it was drawn.
  const all = cached > 0 ? computed : mix
  if (side === "decode") return { ...all, prefill: 0, prefillPairs: 0 }
  return side === "prefill"
    ? { ...all, output: 1, decodeSteps: 0, decodeContext: 0, decodeWindow: 0, finalTokens: mix.prompt }
    : all
}
