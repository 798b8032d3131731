/**
 * Which rank does what: the sizes of the parallel dimensions, the coordinates of a rank, and the groups of ranks that
 * communicate, numbered as Megatron-LM does (core/parallel_state.py, RankGenerator): the first name of the order varies
 * fastest.
 *
 * There are two views of the same ranks. Attention sees tensor x context x data x pipeline, which multiply to the
 * world. Experts see expertTensor x expert x expertData x pipeline: expert parallelism takes no ranks of its own but
 * folds over those of tensor, context and data of one pipeline stage, so that expertTensor * expert must divide their
 * product.
 */
import { isWhole, nearestOf } from "./refusal.ts"
import type { Refusal } from "./refusal.ts"

export interface Layout {
  readonly tensor: number
  readonly context: number
  readonly expert: number
  /** Ranks that share one expert's matrices; default the tensor parallel size. */
  readonly expertTensor?: number
  readonly data: number
  readonly pipeline: number
  /**
   * Dimensions from the fastest varying on, such as "tp-cp-ep-dp-pp"; "cp" and "ep" may be left out where they are 1.
   */
  readonly order: string
}

export type LayoutError = Refusal<"LayoutError">

/** The order that Megatron-LM uses unless told otherwise. */
export const defaultOrder = "tp-cp-ep-dp-pp"

/** Where a rank stands, in both views; each from 0. */
export interface Coordinates {
  readonly tensor: number
  readonly context: number
  readonly data: number
  readonly pipeline: number
  readonly expertTensor: number
  readonly expert: number
  readonly expertData: number
}

/** `data` and `context` together reduce gradients (dataContext); `expertData` reduces those of the experts. */
export type GroupKind = keyof Coordinates | "dataContext"
export const groupKinds = [
  "tensor",
  "context",
  "data",
  "pipeline",
  "expertTensor",
  "expert",
  "expertData",
  "dataContext"
] as const satisfies readonly GroupKind[]

export const worldSize = ({ tensor, context, data, pipeline }: Layout): number => tensor * context * data * pipeline

const expertTensorOf = ({ tensor, expertTensor = tensor }: Layout): number => expertTensor

/** Replicas of each expert's shard: what tensor, context and data leave after expertTensor and expert. */
export const expertDataSize = (layout: Layout): number =>
  (layout.tensor * layout.context * layout.data) / (expertTensorOf(layout) * layout.expert)

interface Dimension {
  readonly name: keyof Coordinates
  readonly size: number
  /** Ranks between neighbours along the dimension. */
  readonly stride: number
}

type View = "attention" | "expert"

const dimensionNames = { tp: "tensor", cp: "context", ep: "expert", dp: "data", pp: "pipeline" } as const
const expertNames = { tp: "expertTensor", ep: "expert", dp: "expertData", pp: "pipeline" } as const

/** The dimensions of a view, fastest first. */
const dimensions = (layout: Layout, view: View): readonly Dimension[] => {
  const sizes: Readonly<Record<keyof Coordinates, number>> = {
    tensor: layout.tensor,
    context: layout.context,
    data: layout.data,
    pipeline: layout.pipeline,
    expertTensor: expertTensorOf(layout),
    expert: layout.expert,
    expertData: expertDataSize(layout)
  }
  const names: Readonly<Record<string, keyof Coordinates>> =
    view === "expert" ? expertNames : { tp: "tensor", cp: "context", dp: "data", pp: "pipeline" }
  const found: Dimension[] = []
  let stride = 1
  for (const token of layout.order.split("-")) {
    const name = names[token]
    if (name === undefined) continue
    found.push({ name, size: sizes[name], stride })
    stride *= sizes[name]
  }
  return found
}

/** The dimensions that the ranks of a group differ in. */
const groupDimensions = (layout: Layout, kind: GroupKind): readonly Dimension[] => {
  const isExpert = kind === "expert" || kind === "expertTensor" || kind === "expertData"
  return dimensions(layout, isExpert ? "expert" : "attention").filter(({ name }) =>
    kind === "dataContext" ? name === "data" || name === "context" : name === kind
  )
}

const along = ({ size, stride }: Dimension, rank: number): number => Math.floor(rank / stride) % size

/** Coordinates of a rank of a valid layout. */
export const coordinatesOf = (layout: Layout, rank: number): Coordinates => {
  const found = { tensor: 0, context: 0, data: 0, pipeline: 0, expertTensor: 0, expert: 0, expertData: 0 }
  for (const view of ["attention", "expert"] as const)
    for (const dimension of dimensions(layout, view)) found[dimension.name] = along(dimension, rank)
  return found
}

/** The rank at attention's coordinates; the inverse of `coordinatesOf`. */
export const rankOf = (
  layout: Layout,
  coordinates: Pick<Coordinates, "tensor" | "context" | "data" | "pipeline">
): number => {
  const at: Pick<Coordinates, "tensor" | "context" | "data" | "pipeline"> & Partial<Coordinates> = coordinates
  return dimensions(layout, "attention").reduce((rank, { name, stride }) => rank + (at[name] ?? 0) * stride, 0)
}

/** Members of a group, from that of its lowest rank on. */
const membersFrom = (over: readonly Dimension[], lowest: number): readonly number[] =>
  over.reduce<readonly number[]>(
    (ranks, { size, stride }) =>
      Array.from({ length: size }, (_, step) => step * stride).flatMap((offset) => ranks.map((rank) => rank + offset)),
    [lowest]
  )

/** The ranks of the group of a kind that a rank belongs to, ascending along its dimensions. */
export const groupRanks = (layout: Layout, kind: GroupKind, rank: number): readonly number[] => {
  const over = groupDimensions(layout, kind)
  return membersFrom(
    over,
    over.reduce((lowest, dimension) => lowest - along(dimension, rank) * dimension.stride, rank)
  )
}

/** Ranks in each group of a kind. */
export const groupSize = (layout: Layout, kind: GroupKind): number =>
  groupDimensions(layout, kind).reduce((product, { size }) => product * size, 1)

/** Every group of a kind, by its lowest rank; each rank is in one. */
export const groupsOf = (layout: Layout, kind: GroupKind): readonly (readonly number[])[] => {
  const over = groupDimensions(layout, kind)
  const groups: (readonly number[])[] = []
  for (let rank = 0; rank < worldSize(layout); rank++)
    if (over.every((dimension) => along(dimension, rank) === 0)) groups.push(membersFrom(over, rank))
  return groups
}

const layoutError = (
  field: string,
  given: number | string,
  expected: string,
  nearest: readonly (number | string)[] = []
): LayoutError => ({ _tag: "LayoutError", field, given: String(given), expected, nearest })

const divisors = (of: number): readonly number[] => {
  const found: number[] = []
  for (let low = 1; low * low <= of; low++) if (of % low === 0) found.push(low, of / low)
  return found
}

const checkOrder = (layout: Layout): LayoutError | undefined => {
  const { order } = layout
  const tokens = order.split("-")
  const refuse = (expected: string): LayoutError => layoutError("order", order, expected, [defaultOrder])
  if (tokens.some((token) => !Object.hasOwn(dimensionNames, token)))
    return refuse("the names tp, cp, ep, dp, pp joined by -")
  if (new Set(tokens).size < tokens.length) return refuse("each dimension once")
  const needed = ["tp", "dp", "pp", ...(layout.context > 1 ? ["cp"] : []), ...(layout.expert > 1 ? ["ep"] : [])]
  const missing = needed.find((token) => !tokens.includes(token))
  if (missing !== undefined) return refuse(`${missing} in it`)
  const stride = (view: View): number | undefined =>
    dimensions(layout, view).find(({ name }) => name === "pipeline")?.stride
  return stride("attention") === stride("expert")
    ? undefined
    : refuse("an order in which experts and attention have the same pipeline groups, such as with pp last")
}

/** The first thing wrong with a layout, or undefined. With `ranks` given, the sizes must multiply to it. */
export const validateLayout = (layout: Layout, ranks?: number): LayoutError | undefined => {
  const { tensor, context, data, pipeline, expert } = layout
  const sizes = { tensor, context, data, pipeline, expert, expertTensor: expertTensorOf(layout) }
  for (const [field, size] of Object.entries(sizes))
    if (!isWhole(size)) return layoutError(field, size, "a whole number of at least 1", [1])
  if (ranks !== undefined && worldSize(layout) !== ranks) {
    const replica = tensor * context * pipeline
    const product = `tensor ${tensor} x context ${context} x data ${data} x pipeline ${pipeline} = ${worldSize(layout)}`
    return ranks % replica === 0
      ? layoutError("data", data, `sizes that multiply to ${ranks} ranks; ${product}`, [ranks / replica])
      : layoutError("ranks", ranks, `a multiple of tensor x context x pipeline = ${replica}; ${product}`, [
          ...new Set([Math.max(1, Math.floor(ranks / replica)) * replica, Math.ceil(ranks / replica) * replica])
        ])
  }
  const stage = tensor * context * data
  if (stage % sizes.expertTensor !== 0)
    return layoutError(
      "expertTensor",
      sizes.expertTensor,
      `a divisor of tensor x context x data = ${stage}`,
      nearestOf(sizes.expertTensor, divisors(stage))
    )
  const room = stage / sizes.expertTensor
  if (room % expert !== 0)
    return layoutError(
      "expert",
      expert,
      `a divisor of tensor x context x data / expertTensor = ${room}`,
      nearestOf(expert, divisors(room))
    )
  return checkOrder(layout)
}
