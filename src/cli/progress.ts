/**
 * How far long work has come: a line that a terminal overwrites, nothing elsewhere.
 */

import { formatCount } from "../units/index.ts"

export interface Progress {
  /** So many pieces more than it was begun with. */
  readonly more: (count: number) => void
  readonly step: () => void
  /** So much is done; `note` is said behind it. */
  readonly reach: (done: number, note?: string) => void
  /** Takes the line away. */
  readonly end: () => void
}

const least = 100

const counted = (count: number): string => formatCount(Math.round(count))

/** Progress of `total` pieces of work, at most; written ten times a second. */
export const progressOf = (
  total: number,
  stream: { readonly isTTY?: boolean; write(text: string): unknown } = process.stderr,
  now: () => number = () => performance.now(),
  noun = "measurements"
): Progress => {
  if (stream.isTTY !== true)
    return { more: () => undefined, step: () => undefined, reach: () => undefined, end: () => undefined }
  const start = now()
  let [whole, done, shown] = [total, 0, -Infinity]
  const reach = (reached: number, note = ""): void => {
    done = reached
    if (now() - shown < least) return
    shown = now()
    const rate = (1000 * done) / Math.max(1, shown - start)
    const left = rate > 0 ? `, ${formatCount(Math.ceil((whole - done) / rate))} s left` : ""
    stream.write(`\r\u001b[K${counted(done)} of ${counted(whole)} ${noun}, ${counted(rate)} a second${left}${note}`)
  }
  return {
    more: (count) => void (whole += count),
    step: () => reach(done + 1),
    reach,
    end: () => {
      stream.write("\r\u001b[K")
    }
  }
}
