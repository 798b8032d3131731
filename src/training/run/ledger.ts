/**
 * Steps that are done, with the time that each took, until a checkpoint makes them safe: a fall back to an earlier step
 * turns the time of those behind it from productive to lost.
 */

export interface Ledger {
  /** Seconds of the steps that stand, had each taken its undisturbed time. */
  readonly productive: number
  /** What these steps took longer than that: slow nodes, missing replicas. */
  readonly slowed: number
  /** Seconds of steps that were done and fell, and of steps cut short. */
  readonly lost: number
  /** Steps up to `to` are done, each at `actual` seconds instead of `nominal`. */
  add(from: number, to: number, nominal: number, actual: number): void
  /** Seconds of a step that was cut short. */
  cut(seconds: number): void
  /** Steps up to this one cannot fall any more. */
  keep(step: number): void
  /** Everything after this step falls. */
  fallBack(step: number): void
}

interface Piece {
  from: number
  to: number
  readonly nominal: number
  readonly actual: number
}

export const makeLedger = (): Ledger => {
  let [productive, slowed, lost] = [0, 0, 0]
  let pieces: Piece[] = []
  const take = (steps: number, { nominal, actual }: Piece): void => {
    productive -= steps * nominal
    slowed -= steps * (actual - nominal)
    lost += steps * actual
  }
  return {
    get productive() {
      return productive
    },
    get slowed() {
      return slowed
    },
    get lost() {
      return lost
    },
    add(from, to, nominal, actual) {
      if (to === from) return
      productive += (to - from) * nominal
      slowed += (to - from) * (actual - nominal)
      pieces.push({ from, to, nominal, actual })
    },
    cut(seconds) {
      lost += seconds
    },
    keep(step) {
      if (pieces.length > 0 && pieces[0]!.to <= step) pieces = pieces.filter(({ to }) => to > step)
    },
    fallBack(step) {
      for (let piece = pieces.at(-1); piece !== undefined && piece.to > step; piece = pieces.at(-1)) {
        const from = Math.max(piece.from, step)
        take(piece.to - from, piece)
        if (from > piece.from) {
          piece.to = from
          return
        }
        pieces.pop()
      }
    }
  }
}
