/**
 * What cannot be in `training.run`, each with its place and what can.
 */
import {
  componentNames,
  rampBatches,
  stageJob,
  type BatchRamp,
  type RunStage,
  type TrainingJob
} from "../training/index.ts"
import { findImpossible } from "./feasibility.ts"
import { divisorsNear } from "./size-checks.ts"
import type { Finding, Path } from "./issue.ts"
import type { TrainingScenario } from "./schema.ts"

export type WrittenRun = NonNullable<TrainingScenario["training"]["run"]>

/** A path below `training.run`. */
export const inRun = (...path: Path): Path => ["training", "run", ...path]

/** Steps beyond which whole numbers of them are no longer exact enough to count with. */
const mostSteps = 1e12
/** Batches of a ramp. */
const mostGrowths = 2000

export interface RunRequest {
  readonly written: WrittenRun
  readonly tokens: number | undefined
  readonly stages: readonly RunStage[]
  /** The job, resolved but for its run. */
  readonly job: TrainingJob
  readonly accelerators: number
}

export const runFindings = ({ written, tokens, stages, job, accelerators }: RunRequest): readonly Finding[] => {
  const misfits = [...openStages(stages), ...contextFindings(stages, job)]
  return [
    ...(tokens === undefined ? [noTokens] : []),
    ...(misfits.length > 0
      ? misfits
      : [
          ...stageFindings(stages, job, accelerators),
          ...stepFindings(stages, tokens ?? 0),
          ...rampFindings(written.batchRamp, stages[0], job)
        ]),
    ...failureFindings(written),
    ...elasticFindings(written, job),
    ...stopFindings(written)
  ]
}

const noTokens: Finding = {
  path: inRun("tokens"),
  at: "key",
  problem: "is missing",
  given: "nothing",
  expected: "the tokens of the whole run, here or as training.tokens, such as 366B"
}

const openStages = (stages: readonly RunStage[]): readonly Finding[] =>
  stages.slice(0, -1).flatMap(({ tokens }, index) =>
    tokens !== undefined
      ? []
      : [
          {
            path: inRun("stages", index),
            problem: "is not the last stage and has no tokens",
            given: "no tokens",
            expected: "tokens in every stage but the last, which has what is left"
          }
        ]
  )

const contextFindings = (stages: readonly RunStage[], { layout }: TrainingJob): readonly Finding[] => {
  const ranks = layout.data * layout.context
  return stages.flatMap(({ context }, index) =>
    ranks % context === 0
      ? []
      : [
          {
            path: inRun("stages", index, "context"),
            problem: `a context-parallel size of ${context} does not divide the ${ranks} ranks that replicas and context share`,
            given: String(context),
            expected: `a divisor of ${ranks}`,
            nearest: divisorsNear(ranks, Math.min(context, ranks)).map(String)
          }
        ]
  )
}

/** What the sizes of a training iteration must obey, each stage's must too. */
const stageFindings = (stages: readonly RunStage[], job: TrainingJob, accelerators: number): readonly Finding[] =>
  stages.flatMap((stage, index) => {
    const { layout, ...sizes } = stageJob(job, stage, stage.globalBatch)
    return findImpossible({
      ...sizes,
      layout,
      accelerators,
      shardGroup: job.sharding.group,
      layerSplit: job.layerSplit
    }).map((finding) => ({ ...finding, path: inStage(finding.path, index) }))
  })

const stageFields: readonly unknown[] = ["globalBatch", "sequenceLength", "microBatch", "context"]

const inStage = (path: Path, index: number): Path => {
  const field = path.at(-1)
  return stageFields.includes(field) ? inRun("stages", index, String(field)) : inRun("stages", index)
}

const stepFindings = (stages: readonly RunStage[], tokens: number): readonly Finding[] => {
  const least = Math.min(...stages.map(({ globalBatch, sequenceLength }) => globalBatch * sequenceLength))
  return tokens / least <= mostSteps
    ? []
    : [
        {
          path: inRun("tokens"),
          problem: `${tokens} tokens are more than ${mostSteps} steps of ${least}`,
          given: String(tokens),
          expected: `at most ${mostSteps * least} tokens`
        }
      ]
}

const rampFindings = (
  ramp: BatchRamp | undefined,
  first: RunStage | undefined,
  job: TrainingJob
): readonly Finding[] => {
  if (ramp === undefined || first === undefined) return []
  const each = (first.microBatch * job.layout.data * job.layout.context) / first.context
  const refuse = (field: keyof BatchRamp, problem: string, expected: string): readonly Finding[] => [
    { path: inRun("batchRamp", field), problem, given: String(ramp[field]), expected }
  ]
  const over = `over data ${each / first.microBatch} x microBatch ${first.microBatch}`
  if (ramp.from > first.globalBatch)
    return refuse("from", `${ramp.from} sequences are more than the full batch`, `at most ${first.globalBatch}`)
  if (ramp.from % each !== 0)
    return refuse("from", `${ramp.from} sequences do not divide ${over}`, `a multiple of ${each}`)
  if (ramp.increment % each !== 0)
    return refuse("increment", `${ramp.increment} sequences do not divide ${over}`, `a multiple of ${each}`)
  const growths = (first.globalBatch - ramp.from) / ramp.increment
  return growths <= mostGrowths && rampBatches(ramp, first.globalBatch).length <= mostGrowths
    ? []
    : refuse(
        "increment",
        `the batch would grow ${Math.ceil(growths)} times`,
        `at least ${Math.ceil((first.globalBatch - ramp.from) / mostGrowths)}`
      )
}

const failureFindings = ({ failures = {} }: WrittenRun): readonly Finding[] =>
  componentNames.flatMap((component) => {
    const law = failures[component]
    if (law === undefined || (law.mtbf === undefined) !== (law.rate === undefined)) return []
    const isTwice = law.mtbf !== undefined
    return [
      {
        path: inRun("failures", component),
        problem: isTwice ? "mtbf and rate say the same twice" : "does not say how often",
        given: isTwice ? "mtbf and rate" : "neither mtbf nor rate",
        expected: "either mtbf, such as 5.8 years, or rate, in failures per unit and hour"
      }
    ]
  })

const elasticFindings = ({ elastic, spares }: WrittenRun, { layout }: TrainingJob): readonly Finding[] => {
  if (elastic === undefined) return []
  if (spares === undefined)
    return [
      {
        path: inRun("elastic"),
        at: "key",
        problem: "no node is ever missing",
        given: "elastic without spares",
        expected: "spares as well, such as { nodes: 0, repair: 1 day }"
      }
    ]
  return elastic.least === undefined || elastic.least <= layout.data
    ? []
    : [
        {
          path: inRun("elastic", "least"),
          problem: `there are ${layout.data} replicas`,
          given: String(elastic.least),
          expected: `at most ${layout.data}`
        }
      ]
}

const stopFindings = ({ stops = [] }: WrittenRun): readonly Finding[] =>
  stops.flatMap(({ every, lasting }, index) =>
    every === undefined || lasting < every
      ? []
      : [
          {
            path: inRun("stops", index, "lasting"),
            problem: "each stop lasts until the next, and nothing would ever run",
            given: String(lasting),
            expected: `less than ${every} s`
          }
        ]
  )
