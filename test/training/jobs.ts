/** Jobs and results from scenarios written in the tests, through the front door that a user's scenario takes. */
import { resolveTraining, scenarioFromData } from "../../src/scenario/index.ts"
import { isImpossible, simulateTraining, type TrainingJob, type TrainingResult } from "../../src/training/index.ts"

type Fields = Readonly<Record<string, unknown>>

export interface Written {
  readonly cluster?: Fields
  readonly model?: string | Fields
  readonly training?: Fields
  readonly symmetry?: "on" | "off"
  readonly trace?: TrainingJob["trace"]
  readonly [field: string]: unknown
}

/** A model of 16 equal layers whose embedding and head hardly count: 12 x 2048^2 x 16 = 0.8 B parameters. */
export const evenModel = {
  hidden: 2048,
  heads: 16,
  layers: 16,
  vocabulary: 128,
  maximumSequence: 2048,
  bias: false
} as const

/** A stack that loses no time besides its kernels: no host, no optimizer start, nothing exposed that can hide. */
export const bareStack = {
  extends: "megatron-core",
  optimizer: { fixedSeconds: 0 },
  constants: {
    hostSecondsPerLayer: 0,
    hostSecondsPerExpertLayer: 0,
    pipelineExposure: 0,
    dataOverlap: 0,
    tensorRateShare: 1,
    dataNetworkShare: 1,
    tensorOverlap: 0
  }
} as const

/** One micro-batch of one sequence on one machine of eight A100, unless the test says otherwise. */
export const jobOf = ({ cluster, model, training, trace, ...rest }: Written = {}): TrainingJob => {
  const loaded = scenarioFromData({
    name: "test",
    data: {
      name: "test",
      cluster: { system: "dgx-a100", ...cluster },
      model: model ?? evenModel,
      training: { microBatch: 1, globalBatch: 8, sequenceLength: 2048, stack: bareStack, ...training },
      ...rest
    }
  })
  if (loaded._tag === "Refused") throw new Error(JSON.stringify(loaded.issues))
  const resolved = resolveTraining(loaded, trace === undefined ? {} : { trace })
  if (resolved._tag === "Refused") throw new Error(JSON.stringify(resolved.issues))
  return resolved.job
}

export const run = (job: TrainingJob): TrainingResult => {
  const outcome = simulateTraining(job)
  if (isImpossible(outcome)) throw new Error(JSON.stringify(outcome))
  return outcome
}

export const resultOf = (written: Written = {}): TrainingResult => run(jobOf(written))

/** Everything that a breakdown lists, added up. */
export const totalOf = ({ compute, exposed, bubble, host, optimizer }: TrainingResult["breakdown"]): number =>
  [...Object.values(compute), ...Object.values(exposed), bubble, host, optimizer].reduce((sum, part) => sum + part, 0)

/** Distance of one number from another, as a share of the latter. */
export const relative = (value: number, reference: number): number => Math.abs(value / reference - 1)

/** Slices of a trace whose track ends in a stream, of one stage where that is given. */
export const slicesOf = (result: TrainingResult, stream: string, stage?: number) => {
  const { trace } = result
  if (trace === null) throw new Error("the job records no trace")
  const found = []
  for (let index = 0; index < trace.slices.track.length; index++) {
    const path = trace.tracks[trace.slices.track[index] ?? -1] ?? []
    if (path.at(-1) !== stream || (stage !== undefined && trace.slices.stage[index] !== stage)) continue
    const start = trace.slices.start[index] ?? Number.NaN
    const duration = trace.slices.duration[index] ?? Number.NaN
    const name = trace.names[trace.slices.name[index] ?? -1] ?? ""
    found.push({ name, start, duration, end: start + duration, bytes: trace.slices.bytes[index] ?? 0 })
  }
  return found
}
