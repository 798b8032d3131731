/**
 * The least time that a pipeline can take whatever the order of its operations, from the seconds of its parts.
 *
 * A stage does all its operations one after another; it cannot begin before the first micro-batch has come through the
 * parts before its first, and after its last backward that micro-batch's gradient still goes back through them:
 *
 *   T >= head(s) + m work(s) + sends(s) + tail(s)    for every stage s
 *
 * This is the bubble of 1F1B, (p - 1)(F + B) over v chunks (Narayanan et al. 2104.04473, section 2.2), for parts of any
 * length. What stages wait for one another in between, and wires that are shared, come on top in the simulation.
 */
export interface PipelineLine {
  readonly stages: number
  readonly chunks: number
  readonly microBatches: number
  /** Seconds of each part's passes, in the order of the model. */
  readonly forward: ArrayLike<number>
  readonly backward: ArrayLike<number>
  /** Seconds until what a stage sends has arrived, and those of them that the sender waits for. */
  readonly transferSeconds: number
  readonly exposedSeconds: number
}

/** What a stage does after its last backward: at least so many seconds until its gradients are reduced. */
export type ReduceSeconds = (stage: number, lastBackward: number) => number

/** Seconds of a stage's own operations, and of the sends that they wait for. */
export const busySeconds = (line: PipelineLine, stage: number): number => {
  const { stages, chunks, microBatches, forward, backward, exposedSeconds } = line
  let work = 0
  for (let part = stage; part < stages * chunks; part += stages) work += (forward[part] ?? 0) + (backward[part] ?? 0)
  return microBatches * work + sendsOf(line, stage) * exposedSeconds
}

/** Forwards that go on to another stage, and backwards. */
const sendsOf = ({ stages, chunks, microBatches }: PipelineLine, stage: number): number =>
  stages === 1 ? 0 : microBatches * (chunks - (stage === stages - 1 ? 1 : 0) + chunks - (stage === 0 ? 1 : 0))

/** Stages worth looking at: both ends, those beside them, and the one with the most work. */
const stagesOf = ({ stages, chunks, forward, backward }: PipelineLine): ReadonlySet<number> => {
  let busiest = 0
  let most = -1
  for (let stage = 0; stage < stages; stage++) {
    let work = 0
    for (let part = stage; part < stages * chunks; part += stages) work += (forward[part] ?? 0) + (backward[part] ?? 0)
    // Of equals the last one begins latest.
    if (work >= most) [busiest, most] = [stage, work]
  }
  return new Set([0, Math.min(1, stages - 1), Math.max(0, stages - 2), stages - 1, busiest])
}

/**
 * Least seconds from the start of an iteration until every stage's gradients are reduced, for schedules whose backward is
 * one operation and whose parts lie in a loop.
 */
export const loopSeconds = (line: PipelineLine, reduce: ReduceSeconds): number => {
  const { stages, forward, backward, transferSeconds, exposedSeconds } = line
  let least = 0
  for (const stage of stagesOf(line)) {
    let head = 0
    let tail = 0
    for (let part = 0; part < stage; part++) {
      head += (forward[part] ?? 0) + transferSeconds
      tail += (backward[part] ?? 0) + transferSeconds
    }
    const end = head + busySeconds(line, stage)
    least = Math.max(least, end + reduce(stage, backward[stage] ?? 0))
    // The gradient leaves when the last backward ends, which the sender may wait for besides.
    if (stage > 0) least = Math.max(least, end - exposedSeconds + tail + reduce(0, backward[0] ?? 0))
  }
  return stages === 0 ? 0 : least
}

/** The same where weight gradients run on their own: nothing need follow a stage's last operation. */
export const splitSeconds = (line: PipelineLine, reduce: ReduceSeconds): number => {
  const { stages, forward, transferSeconds } = line
  let least = 0
  let head = 0
  for (let stage = 0; stage < stages; stage++) {
    least = Math.max(least, head + busySeconds(line, stage) + reduce(stage, 0))
    head += (forward[stage] ?? 0) + transferSeconds
  }
  return least
}
