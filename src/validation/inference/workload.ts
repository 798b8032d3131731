/**
 * What requests a measured server got: from what a point states of batch, rate and concurrency.
 *
 * | stated | workload |
 * | --- | --- |
 * | concurrency | closed loop of so many clients, ten requests each, the first burst included |
 * | rate "inf", "offline" | all requests at time 0 |
 * | rate as a number | Poisson arrivals at that rate |
 * | batch alone | one static batch of so many requests |
 * | none of them | one request |
 */
import { datasets, lognormal, type Dataset, type LengthInput } from "./datasets.ts"
import type { InferencePoint } from "./point.ts"
import { countOf, isRefused, numberOf, type Refusal } from "./reading.ts"

export interface WorkloadInput {
  readonly arrivals:
    | { readonly batch: Record<string, never> }
    | { readonly poisson: { readonly rate: number } }
    | {
        readonly closedLoop: {
          readonly users: number
          readonly thinkTime?: { readonly uniform: readonly [string, string] }
        }
      }
  readonly prompt: LengthInput
  readonly output: LengthInput
  readonly requests: number
  readonly warmUp?: string
}

export type WorkloadKind = "static" | "offline" | "closed" | "open"

export interface ServedWorkload {
  readonly kind: WorkloadKind
  readonly input: WorkloadInput
  /** Sequences of the static batch, clients of the closed loop; requests of an offline run. */
  readonly size: number
  /** Longest prompt and answer together. */
  readonly longest: number
  readonly longestPrompt: number
  readonly meanPrompt: number
  readonly meanOutput: number
  /** Simulated requests of one measured request: the width of a beam search, else 1. */
  readonly beams: number
  readonly beamReads: number
  /** Users of a load test whose number the source does not state; null where there was none. */
  readonly loadTest: WorkloadInput | null
  readonly assumptions: readonly string[]
}

/**
 * MLPerf's LoadGen repeats the dataset until ten minutes are over (mlcommons/inference, min_duration). How often is not
 * printed; beyond a few rounds filling and draining matter little.
 */
const datasetRounds = 4
/** Seconds of an open run whose number of requests is not stated. */
const leastSeconds = 600

/** Least number of requests of an open run that tells its steady state. */
const openRequests = 10_000
/** More tell no more. */
const mostRequests = 200_000

/** Answer where a speed per token is stated and no length. */
const usualAnswer = 128

/** Sentences of three to ten words, as the scripts of BLOOM's blogs prompt with. */
const shortPrompt = 8

/** Metrics that need an answer of several tokens. */
const perToken = /tokens_per_s|tpot|itl|per_token|step_ms/

const rateOf = (value: number | string | null | undefined): number | "offline" | undefined | Refusal => {
  if (value === null || value === undefined || value === "") return undefined
  if (typeof value === "string" && /inf|offline|all at once|max/i.test(value)) return "offline"
  const rate = numberOf(value)
  return rate === undefined || !(rate > 0 && rate <= 1e6) ? { reason: "workload.rate is not a rate" } : rate
}

/** "random lengths uniform in [0.8L, L]" as 0.8; 1 where lengths are all equal. */
const shortestShare = (point: InferencePoint): number => {
  const stated = numberOf(point.workload.length_range)
  if (stated !== undefined && stated > 0 && stated <= 1) return stated
  const found = /\[?\s*(0?\.\d+)\s*\*?\s*L\s*(?:,|\.\.)\s*L/.exec(`${point.notes} ${point.metricDefinition}`)
  return found === null ? 1 : Number(found[1])
}

/**
 * Equal lengths keep the clients of a closed loop in step: prompts that were computed in one step end in one step, and come together
 * again. How many share a step, and so the time to first token, is then up to the size of a step (`server-settings.ts`).
 */
const ranged = (tokens: number, least: number): LengthInput =>
  least < 1 && tokens > 1 ? { uniform: [Math.max(1, Math.ceil(least * tokens)), tokens] } : tokens

/** Requests that a source states in words: "over 2000 (v0.10/0.11) identical requests". */
const requestsInWords = (text: string): number | undefined => {
  const found = /over (\d+) (?:\(.*?\) )?(?:identical )?requests|(\d+) (?:requests|samples|prompts)/i.exec(text)
  const count = Number(found?.[1] ?? found?.[2] ?? Number.NaN)
  return count >= 1 && count <= 1e6 ? count : undefined
}

const loadedFor = ({ requests }: Dataset, assumptions: string[]): number => {
  const count = datasetRounds * requests
  assumptions.push(`${count} requests: LoadGen repeats the dataset until ten minutes are over`)
  return count
}

/** Beyond which nothing is simulated: requests, tokens of a sequence, tokens in all. No benchmark has more. */
const largestRun = { requests: 1e6, sequence: 1e6, tokens: 5e8 } as const

export const servedWorkloadOf = (point: InferencePoint): ServedWorkload | Refusal => {
  const workload = anyWorkloadOf(point)
  if ("reason" in workload) return workload
  if (workload.input.requests > largestRun.requests) return { reason: "more requests than a benchmark has" }
  if (workload.longest > largestRun.sequence) return { reason: "longer sequences than a benchmark has" }
  const tokens = workload.input.requests * (workload.meanPrompt + workload.meanOutput)
  if (tokens > largestRun.tokens) return { reason: "more tokens than a benchmark has" }
  return workload
}

const anyWorkloadOf = (point: InferencePoint): ServedWorkload | Refusal => {
  const said = point.workload
  const assumptions: string[] = []
  const input = lengthOf(said.input_len, "workload.input_len")
  const output = lengthOf(said.output_len, "workload.output_len")
  const requests = countOf(said.num_requests, "workload.num_requests")
  const rate = rateOf(said.rate)
  for (const part of [input, output, requests]) if (isRefused(part)) return part
  if (typeof rate === "object") return rate
  const lengths = { input, output, requests } as Readonly<Record<"input" | "output" | "requests", number | undefined>>
  const words = typeof said.dataset === "string" ? said.dataset : ""
  const dataset = words === "" ? undefined : datasets.find(({ match }) => match.test(words))
  if (dataset !== undefined && lengths.input === undefined) assumptions.push(dataset.note)
  if (dataset === undefined && lengths.input === undefined)
    assumptions.push(`prompts of ${shortPrompt} tokens, not stated`)
  const least = shortestShare(point)
  const longestPrompt = lengths.input ?? (dataset === undefined ? shortPrompt : dataset.longest / 2)
  const speaks = Object.entries(point.measured).some(([metric, value]) => perToken.test(metric) && value !== null)
  const meanOutput = lengths.output ?? dataset?.meanOutput ?? (speaks ? usualAnswer : 1)
  if (lengths.output === undefined && dataset === undefined && speaks)
    assumptions.push(`answers of ${usualAnswer} tokens, not stated`)
  const beams = dataset?.beams ?? 1
  const shape = {
    beams,
    beamReads: dataset?.beamReads ?? 1,
    loadTest: loadTestOf(point, lengths.input ?? shortPrompt, Math.round(meanOutput), assumptions),
    longest:
      dataset === undefined || lengths.input !== undefined ? longestPrompt + Math.ceil(meanOutput) : dataset.longest,
    longestPrompt,
    meanPrompt: lengths.input ?? dataset?.meanPrompt ?? shortPrompt,
    meanOutput,
    assumptions
  }
  // A benchmark client "at fixed concurrency" that prints only a batch holds that many requests open.
  const isLoop = /fixed concurrency|closed loop/i.test(point.metricDefinition)
  const silent = said.concurrency === null || said.concurrency === undefined
  // Arrivals at a rate are not held back by the clients; a number of clients beside it is a limit that they rarely meet.
  const users = typeof rate === "number" ? undefined : concurrencyOf(silent && isLoop ? said.batch : said.concurrency)
  if (typeof users === "object") return users
  const prompt = lengths.input === undefined ? (dataset?.prompt ?? shortPrompt) : ranged(lengths.input, least)
  const answer = outputOf(lengths.output, dataset, least, meanOutput)
  if (users !== undefined) {
    const count = lengths.requests ?? 10 * users
    return {
      kind: "closed",
      input: { arrivals: { closedLoop: { users } }, prompt, output: answer, requests: Math.max(users, count) },
      size: users,
      ...shape
    }
  }
  if (rate === "offline") {
    const count =
      lengths.requests ??
      (dataset === undefined ? requestsInWords(point.metricDefinition) : loadedFor(dataset, assumptions)) ??
      1000
    const size = count * beams
    return {
      kind: "offline",
      input: { arrivals: { batch: {} }, prompt, output: answer, requests: size },
      size,
      ...shape
    }
  }
  if (rate !== undefined) {
    const count =
      (lengths.requests ?? Math.min(mostRequests, Math.max(openRequests, Math.round(leastSeconds * rate)))) * beams
    return {
      kind: "open",
      input: { arrivals: { poisson: { rate: rate * beams } }, prompt, output: answer, requests: count },
      size: count,
      ...shape
    }
  }
  const batch = batchOf(said.batch)
  if (typeof batch === "object") return batch
  const size = batch ?? lengths.requests ?? 1
  if (batch === undefined) assumptions.push("one request at a time")
  return { kind: "static", input: { arrivals: { batch: {} }, prompt, output: answer, requests: size }, size, ...shape }
}

/** Token counts; means such as 290.1 are told by a source that divides totals. */
const lengthOf = (value: number | string | null | undefined, field: string): number | undefined | Refusal => {
  const number = numberOf(value)
  if (number !== undefined && number >= 1 && number <= 1e7) return number
  return countOf(value, field)
}

const outputOf = (
  stated: number | undefined,
  dataset: Dataset | undefined,
  least: number,
  usual: number
): LengthInput => {
  if (stated === undefined) return dataset?.output ?? usual
  if (dataset === undefined) return ranged(Math.round(stated), least)
  // A mean over a dataset: lengths spread as the dataset's, with this mean.
  return lognormal(stated, (stated * 210) / 294, Math.max(1024, Math.ceil(4 * stated)))
}

const concurrencyOf = (value: number | string | null | undefined): number | undefined | Refusal => {
  // "locust, unspecified users" says that there were users, not how many.
  if (typeof value === "string" && numberOf(value) === undefined) return undefined
  const users = countOf(value, "workload.concurrency")
  return users
}

/** Users of a load test of which a source says only that they were there. */
const assumedUsers = 40

/** "users wait uniform 1-5 s between requests": users who think, whose answers end anywhere up to their limit. */
const loadTestOf = (
  point: InferencePoint,
  prompt: number,
  longest: number,
  assumptions: string[]
): WorkloadInput | null => {
  const { concurrency } = point.workload
  if (
    typeof concurrency !== "string" ||
    numberOf(concurrency) !== undefined ||
    !/users?|locust|load/i.test(concurrency)
  )
    return null
  if (point.measured.req_per_s === null || point.measured.req_per_s === undefined) return null
  const wait = /wait uniform (\d+(?:\.\d+)?) ?- ?(\d+(?:\.\d+)?) ?s/i.exec(point.metricDefinition)
  assumptions.push(`${assumedUsers} users, not stated`)
  return {
    arrivals: {
      closedLoop: {
        users: assumedUsers,
        ...(wait === null ? {} : { thinkTime: { uniform: [`${wait[1]} s`, `${wait[2]} s`] as const } })
      }
    },
    prompt,
    output: longest > 1 ? { uniform: [1, longest] } : 1,
    requests: 20 * assumedUsers
  }
}

/** "as many as fit" is no number, and says that the server chooses. */
const batchOf = (value: number | string | null | undefined): number | undefined | Refusal => {
  if (typeof value === "string" && numberOf(value) === undefined) return undefined
  return countOf(value, "workload.batch")
}
