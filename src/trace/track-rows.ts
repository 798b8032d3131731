/** Where a track stands in a list of processes and threads: the rank is the process, the stream the thread. */
import { pathKey, siblingPath, templateStreams } from "./sibling-tracks.ts"
import type { Trace } from "./trace.ts"

export interface TrackRow {
  /** Number of the process, from 1 in natural order of the paths ("node 2" before "node 10"). */
  readonly pid: number
  /** Number of the thread, different from every other thread's and from every process's. */
  readonly tid: number
  readonly processName: string
  readonly threadName: string
  /** False for a track that carries counters alone. */
  readonly isThread: boolean
  /** Put before the names of a stream's counters, so that those of two streams of a rank stay apart. */
  readonly counterPrefix: string
}

/** The row of every track, by track. */
export const rowsOfTracks = (trace: Trace): ReadonlyArray<TrackRow> => {
  const { tracks } = trace
  const threads = tracksWithSlices(trace)
  const counterTracks = new Set(trace.counters.map(({ track }) => track))
  const isThread = tracks.map((_, track) => threads.has(track) || !counterTracks.has(track))
  const rankKeys = new Set(tracks.filter((_, track) => isThread[track]).map((path) => pathKey(rankOf(path))))

  // A counter of a whole rank is on the rank's own path, with no stream to take away.
  const isRank = tracks.map((path, track) => !isThread[track] && rankKeys.has(pathKey(path)))
  const processPaths = tracks.map((path, track) => (isRank[track] ? path : rankOf(path)))
  const ordered = [...new Map(processPaths.map((path) => [pathKey(path), path]))].sort(([, a], [, b]) =>
    comparePaths(a, b)
  )
  const pids = new Map(ordered.map(([key], index) => [key, index + 1]))

  return tracks.map((path, track) => {
    const processPath = processPaths[track]!
    const threadName = path.at(-1)!
    return {
      pid: pids.get(pathKey(processPath))!,
      tid: ordered.length + 1 + track,
      processName: processPath.join(" / "),
      threadName,
      isThread: isThread[track]!,
      counterPrefix: isRank[track] ? "" : `${threadName} `
    }
  })
}

const rankOf = (path: ReadonlyArray<string>): ReadonlyArray<string> => (path.length === 1 ? path : path.slice(0, -1))

const tracksWithSlices = ({ tracks, names, slices, templates, templateEntries }: Trace): ReadonlySet<number> => {
  const result = new Set(slices.track)
  const trackOfPath = new Map(tracks.map((path, track) => [pathKey(path), track]))
  for (const [track, stream] of templateStreams(slices, templates, templateEntries)) {
    const sibling = trackOfPath.get(pathKey(siblingPath(tracks[track]!, names[stream]!)))
    if (sibling !== undefined) result.add(sibling)
  }
  return result
}

const comparePaths = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): number => {
  for (let part = 0; part < Math.min(a.length, b.length); part++) {
    const order = compareNaturally(a[part]!, b[part]!)
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** Runs of digits compare as numbers and the rest by code unit: the same order in every locale. */
const compareNaturally = (a: string, b: string): number => {
  const aRuns = a.match(/\d+|\D+/gu) ?? []
  const bRuns = b.match(/\d+|\D+/gu) ?? []
  for (let run = 0; run < Math.min(aRuns.length, bRuns.length); run++) {
    const [aRun, bRun] = [aRuns[run]!, bRuns[run]!]
    const difference = Number(aRun) - Number(bRun)
    if (difference !== 0 && !Number.isNaN(difference)) return difference
    if (Number.isNaN(difference) && aRun !== bRun) return aRun < bRun ? -1 : 1
  }
  return aRuns.length - bRuns.length
}
