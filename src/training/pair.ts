/**
 * A forward and a backward that run as one (DualPipe, DeepSeek-V3, arXiv:2412.19437, section 3.2.1): the communication of
 * each hides behind the computation of the other.
 */
import { categoryIndex, type Category } from "./category.ts"
import { joinPasses, type Pass, type Piece } from "./pass.ts"

/** Two passes as one, with the pieces of each, relative to the start of the pair. */
export interface PairedPass extends Pass {
  readonly inside: readonly [readonly Piece[], readonly Piece[]]
}

/** Communication that a pair hides. */
const hiddenCategories = ["tensor", "expert", "context"] as const satisfies readonly Category[]
const hiddenStreams: ReadonlySet<Piece["stream"]> = new Set(hiddenCategories)

/** Runs two passes as one. */
export const pairPasses = (first: Pass, second: Pass): PairedPass => {
  const joined = joinPasses([first, second])
  const composition = Float64Array.from(joined.composition)
  let exposed = 0
  for (const category of hiddenCategories) exposed += composition[categoryIndex[category]] ?? 0
  const compute = joined.seconds - exposed
  // What is longer than the compute beside it stays.
  const kept = exposed === 0 ? 0 : Math.max(0, exposed - compute) / exposed
  for (const category of hiddenCategories) {
    const index = categoryIndex[category]
    composition[index] = (composition[index] ?? 0) * kept
  }
  const seconds = compute + exposed * kept
  return { ...joined, composition, seconds, inside: woven(first, second, seconds) }
}

interface Thread {
  readonly piece: Piece
  readonly pass: 0 | 1
  /** How far its pass has come where it starts, 0 to 1. */
  readonly progress: number
}

/**
 * The pieces of both passes where a pair runs them: kernels of the two in turns, each pass advancing in proportion, and
 * the collectives one after another beside them, each as near to its place as those before and behind leave room.
 * Whether a kernel waits for a collective of its own pass is not resolved: the schedule's promise is that it need not.
 */
const woven = (first: Pass, second: Pass, seconds: number): PairedPass["inside"] => {
  const threads = [first, second]
    .flatMap((pass, index) =>
      pass.pieces.map((piece): Thread => ({
        piece,
        pass: index === 0 ? 0 : 1,
        progress: pass.seconds === 0 ? 0 : piece.offsetSeconds / pass.seconds
      }))
    )
    .sort((a, b) => a.progress - b.progress)
  const inside: [Piece[], Piece[]] = [[], []]
  const isBeside = ({ piece }: Thread): boolean => hiddenStreams.has(piece.stream)
  let cursor = 0
  for (const { piece, pass } of threads.filter((thread) => !isBeside(thread))) {
    inside[pass].push({ ...piece, offsetSeconds: cursor })
    cursor += piece.durationSeconds
  }
  const beside = threads.filter(isBeside)
  let left = beside.reduce((sum, { piece }) => sum + piece.durationSeconds, 0)
  // What the stack hid already inside one pass may not fit one after another: collectives then overlap their own kind.
  const squeeze = left > seconds ? seconds / left : 1
  left *= squeeze
  cursor = 0
  for (const { piece, pass, progress } of beside) {
    const durationSeconds = piece.durationSeconds * squeeze
    const offsetSeconds = Math.max(cursor, Math.min(progress * seconds, seconds - left))
    inside[pass].push({ ...piece, offsetSeconds, durationSeconds })
    cursor = offsetSeconds + durationSeconds
    left -= durationSeconds
  }
  return inside
}
