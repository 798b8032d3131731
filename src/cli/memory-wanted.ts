/**
 * Whose memory `--memory` asks for.
 */
import { coordinatesOf, worldSize } from "../parallel/index.ts"
import { memorySnapshot, type MemorySnapshot, type TrainingJob, type TrainingResult } from "../training/index.ts"

/** `--memory` alone means the fullest rank. */
export const memoryArguments = (args: readonly string[]): readonly string[] =>
  args.map((word, at) => {
    const next = args[at + 1]
    return word === "--memory" && (next === undefined || !/^(?:fullest|\d+|[a-z]+:\w*)$/.test(next))
      ? "--memory=fullest"
      : word
  })

/** The snapshot that is asked for, or why there is none. */
export const snapshotOf = (job: TrainingJob, { memory }: TrainingResult, wanted: string): MemorySnapshot | string => {
  const stage = stageOf(job, memory.fullest.stage, wanted)
  if (typeof stage === "string") return stage
  const snapshot = memorySnapshot(job, stage)
  return "_tag" in snapshot ? `--memory: ${snapshot.path} is impossible` : snapshot
}

const stageOf = ({ layout }: TrainingJob, fullest: number, wanted: string): number | string => {
  if (wanted === "fullest") return fullest
  const [, word = "", digits] = /^(stage:)?(\d+)$/.exec(wanted) ?? []
  const number = Number(digits)
  const most = (word === "" ? worldSize(layout) : layout.pipeline) - 1
  if (digits === undefined || number > most)
    return `--memory ${wanted}\n  expected fullest, a rank from 0 to ${worldSize(layout) - 1}, or stage:0 to stage:${layout.pipeline - 1}`
  return word === "" ? coordinatesOf(layout, number).pipeline : number
}
