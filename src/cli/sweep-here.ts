/**
 * Points of a sweep simulated on the threads of this machine, in batches.
 *
 * A batch whose thread dies is taken up again point by point; a point that ends its thread time after time is given up with an
 * error, as on many machines.
 */
import type { SweepPoint } from "../planner/index.ts"
import type { Crew, CrewTask } from "./point-crew.ts"
import type { FinishedPoint } from "./store/sweep-store.ts"
import { deadReason, mostAttempts } from "./sweep-attempts.ts"
import { finishedPoint, givenUp } from "./sweep-row.ts"

/** Milliseconds that a batch should take: long against a message, short against the sweep. */
const batchMilliseconds = 100

const mostInBatch = 1000

/** Runs a sweep's points; rows come in any order. */
export const sweepHere = async (
  crew: Pick<Crew, "simulate">,
  threads: number,
  task: CrewTask,
  points: readonly SweepPoint[],
  onRows: (rows: readonly FinishedPoint[]) => void
): Promise<void> => {
  let next = 0
  let size = 1
  const again: { readonly point: SweepPoint; readonly attempt: number }[] = []
  const lane = async (): Promise<void> => {
    for (;;) {
      const single = again.shift()
      const batch = single === undefined ? points.slice(next, next + size) : [single.point]
      if (batch.length === 0) return
      if (single === undefined) next += batch.length
      const { death, milliseconds } = await crew.simulate(task, batch, onRows)
      if (death === undefined) {
        const each = milliseconds / batch.length
        const fair = Math.ceil((points.length - next) / (4 * threads))
        size = Math.max(1, Math.min(Math.floor(batchMilliseconds / each), 2 * size, fair, mostInBatch))
        continue
      }
      const [only] = batch
      const attempt = single?.attempt ?? 1
      // Of several it may have been any: each begins anew.
      if (only === undefined || batch.length > 1)
        again.push(...death.unfinished.map((point) => ({ point, attempt: 1 })))
      else if (attempt < mostAttempts) again.push({ point: only, attempt: attempt + 1 })
      else onRows([givenUp(only, deadReason("its thread", death.reason))])
    }
  }
  // A lane that found nothing left may still be wanted for what another's death leaves.
  await Promise.all(Array.from({ length: Math.min(threads, points.length) }, lane))
  while (again.length > 0) await lane()
}

/** On this very thread, for scenarios that do not travel: functions. */
export const sweepInline = async (
  task: CrewTask,
  points: readonly SweepPoint[],
  onRows: (rows: readonly FinishedPoint[]) => void
): Promise<void> => {
  for (const point of points) {
    onRows([finishedPoint(task, point)])
    await new Promise((resolve) => setImmediate(resolve))
  }
}
