/**
 * How far long work has come: a line that a terminal overwrites, nothing elsewhere.
 */

export interface Progress {
  readonly step: () => void
  /** Takes the line away. */
  readonly end: () => void
}

const least = 100

/** Progress of `total` pieces of work, at most; written ten times a second. */
export const progressOf = (
  total: number,
  stream: { readonly isTTY?: boolean; write(text: string): unknown } = process.stderr,
  now: () => number = () => performance.now()
): Progress => {
  if (stream.isTTY !== true) return { step: () => undefined, end: () => undefined }
  const start = now()
  let [done, shown] = [0, -Infinity]
  return {
    step: () => {
      done++
      if (now() - shown < least) return
      shown = now()
      const rate = (1000 * done) / Math.max(1, shown - start)
      const left = Math.ceil((total - done) / rate)
      stream.write(`\r\u001b[K${done} of ${total} measurements, ${rate.toFixed(0)} a second, ${left} s left`)
    },
    end: () => {
      stream.write("\r\u001b[K")
    }
  }
}
