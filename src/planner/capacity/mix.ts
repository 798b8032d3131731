/**
 * The requests of a simulation without the simulation: the lengths that it will draw, as a log that nothing has happened to.
 */
import {
  makeRequestSource,
  requestMix,
  windowOf,
  type Arrival,
  type RequestLog,
  type RequestMix,
  type ServingJob
} from "../../serving/index.ts"

export interface DrawnRequests {
  readonly mix: RequestMix
  /** Lengths, tokens. */
  readonly prompts: Int32Array
  readonly outputs: Int32Array
  /** Tokens of each prompt that no cache can have: without the text that it shares with others. */
  readonly own: Int32Array
}

/** The first `count` requests of a job whose clients wait for nobody; later turns of conversations are not known. */
export const drawnRequests = (job: ServingJob, count: number): DrawnRequests => {
  const source = makeRequestSource(job.workload, job.seed)
  const into: Arrival = {
    arrivalSeconds: 0,
    promptTokens: 0,
    outputTokens: 0,
    classIndex: 0,
    pieces: null,
    outputPiece: 0
  }
  const prompts: number[] = []
  const outputs: number[] = []
  const own: number[] = []
  const longest = job.target.maximumSequence
  while (prompts.length < count && source.next(into)) {
    // As the front door has it: what does not fit into a sequence is turned away or cut.
    if (into.promptTokens >= longest) continue
    prompts.push(into.promptTokens)
    outputs.push(Math.max(1, Math.min(into.outputTokens, longest - into.promptTokens)))
    const shared = (into.pieces ?? []).reduce((sum, { tokens }) => sum + tokens, 0)
    // Something of a prompt is always computed: its first token comes from there.
    own.push(Math.max(1, into.promptTokens - (job.cache.prefixCaching ? shared : 0)))
  }
  const [promptTokens, outputTokens] = [Int32Array.from(prompts), Int32Array.from(outputs)]
  return {
    mix: requestMix(untouched(promptTokens, outputTokens), outputTokens, windowOf(job.target.model)),
    prompts: promptTokens,
    outputs: outputTokens,
    own: Int32Array.from(own)
  }
}

const untouched = (prompt: Int32Array, output: Int32Array): RequestLog => {
  const count = prompt.length
  const never = new Float64Array(count).fill(NaN)
  const none = new Int32Array(count)
  return {
    count,
    arrival: new Float64Array(count),
    scheduled: never,
    firstToken: never,
    finished: never,
    prompt,
    output,
    generated: none,
    cached: none,
    preemptions: none,
    classIndex: none,
    replica: none,
    state: new Uint8Array(count)
  }
}
