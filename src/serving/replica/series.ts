/** Counters of a replica over time, thinned: when the table is full, the finer half of it goes and later rows come half as often. */
import type { ServingSeries } from "../types.ts"

export interface SeriesRecorder {
  readonly add: (time: number, running: number, waiting: number, usedBlocks: number, preemptions: number) => void
  readonly rows: () => ServingSeries
}

const capacity = 4096

export const makeSeriesRecorder = (): SeriesRecorder => {
  const columns = Array.from({ length: 5 }, () => new Float64Array(capacity)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array
  ]
  const [time, running, waiting, usedBlocks, preemptions] = columns
  let count = 0
  let leastSeconds = 0

  /** Keeps rows at least `leastSeconds` apart. */
  const thin = (): void => {
    leastSeconds = Math.max(2 * leastSeconds, (2 * (time[count - 1]! - time[0]!)) / capacity)
    let kept = 1
    for (let row = 1; row < count; row++) {
      if (time[row]! - time[kept - 1]! < leastSeconds) continue
      for (const column of columns) column[kept] = column[row]!
      kept++
    }
    count = kept
  }
  return {
    add: (now, runningCount, waitingCount, blocks, preempted) => {
      const isSameTime = count > 0 && time[count - 1] === now
      if (count > 0 && !isSameTime && now - time[count - 1]! < leastSeconds) return
      if (count === capacity && !isSameTime) thin()
      const row = isSameTime ? count - 1 : count++
      time[row] = now
      running[row] = runningCount
      waiting[row] = waitingCount
      usedBlocks[row] = blocks
      preemptions[row] = preempted
    },
    rows: () => ({
      time: time.slice(0, count),
      running: running.slice(0, count),
      waiting: waiting.slice(0, count),
      usedBlocks: usedBlocks.slice(0, count),
      preemptions: preemptions.slice(0, count)
    })
  }
}
