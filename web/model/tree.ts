/**
 * The tree of tracks, and the rows in sight of it: what is folded, pinned and filtered away.
 *
 * A group of streams that is folded still shows its headline, the stream that tells most (a rank's schedule); a group of
 * groups shows how busy its members are.
 */
import type { Timeline } from "./timeline.ts"
import type { Streams } from "./streams.ts"

export interface TreeNode {
  /** Path as JSON: the same in every run of the same scenario. */
  readonly id: string
  readonly label: string
  readonly level: number
  readonly children: readonly TreeNode[]
  /** Track with slices of its own or of templates, or -1. */
  readonly track: number
  /** Counter, or -1. */
  readonly counter: number
  /** Track that stands for the group when it is folded, or -1. */
  readonly headline: number
  /** Other tracks with slices of their own: a folded group shows them in the gaps of its headline. */
  readonly others: readonly number[]
}

interface Draft {
  readonly path: readonly string[]
  readonly children: Map<string, Draft>
  track: number
  readonly counters: number[]
}

/** Streams in the order that a reader wants them; others follow as recorded. */
const streamOrder = [
  "schedule",
  "steps",
  "compute",
  "kernels",
  "communication",
  "tensor",
  "context",
  "expert",
  "pipeline",
  "data",
  "memory",
  "host"
]

/** A group of so few tracks is one of streams, whatever they are called; more are equals, such as requests. */
const fewStreams = 8

const rankOfStream = (name: string): number => {
  const index = streamOrder.indexOf(name)
  return index < 0 ? streamOrder.length : index
}

const natural = new Intl.Collator("en", { numeric: true })

/** The tree of a timeline; its roots are the outermost parts of the paths. */
export const treeOf = (timeline: Timeline, streams: Streams): readonly TreeNode[] => {
  const { trace } = timeline
  const root: Draft = { path: [], children: new Map(), track: -1, counters: [] }
  const used = new Set(trace.slices.track)
  const draftOf = (path: readonly string[]): Draft => {
    let draft = root
    for (const [index, part] of path.entries()) {
      const known = draft.children.get(part)
      const next = known ?? { path: path.slice(0, index + 1), children: new Map(), track: -1, counters: [] }
      if (known === undefined) draft.children.set(part, next)
      draft = next
    }
    return draft
  }
  trace.tracks.forEach((path, track) => {
    if (used.has(track) || streams.byTrack.has(track)) draftOf(path).track = track
  })
  trace.counters.forEach(({ track }, counter) => draftOf(trace.tracks[track]!).counters.push(counter))
  return childrenOf(root, 1, trace, used)
}

const childrenOf = (
  draft: Draft,
  level: number,
  trace: Timeline["trace"],
  used: ReadonlySet<number>
): readonly TreeNode[] => {
  const drafts = [...draft.children.values()]
  const isRank = drafts.every(({ children }) => children.size === 0)
  const nameOf = ({ path }: Draft): string => path.at(-1) ?? ""
  const areStreams = isRank && drafts.some((one) => streamOrder.includes(nameOf(one)))
  const ordered = drafts.sort(
    (a, b) =>
      (isRank ? rankOfStream(nameOf(a)) - rankOfStream(nameOf(b)) : 0) ||
      (areStreams ? 0 : natural.compare(nameOf(a), nameOf(b)))
  )
  return ordered.map((child) => nodeOf(child, level, trace, used))
}

/** The kinds of a rank's memory: a closer look at the counter of the rank, which stands beside it. */
const isDetail = ({ label, children }: TreeNode): boolean =>
  label === "memory" &&
  children.length > 0 &&
  children.every(({ counter, id }) => counter >= 0 || id.endsWith("#slices"))

const nodeOf = (start: Draft, level: number, trace: Timeline["trace"], used: ReadonlySet<number>): TreeNode => {
  let draft = start
  const labels = [draft.path.at(-1) ?? ""]
  // A group of one group is one row: "node 4 · rank 32 (stage 1)".
  for (;;) {
    if (level === 1 || draft.children.size !== 1 || draft.track >= 0 || draft.counters.length > 0) break
    const [only] = draft.children.values()
    if (only === undefined) break
    draft = only
    labels.push(draft.path.at(-1) ?? "")
  }
  const id = JSON.stringify(draft.path)
  const counterNodes = draft.counters.map((counter): TreeNode => {
    const label = trace.names[trace.counters[counter]!.name] ?? ""
    return { id: `${id}#${label}`, label, level: level + 1, children: [], track: -1, counter, headline: -1, others: [] }
  })
  const inner = childrenOf(draft, level + 1, trace, used)
  const label = labels.join(" · ")
  if (inner.length === 0 && counterNodes.length === 0)
    return { id, label, level, children: [], track: draft.track, counter: -1, headline: draft.track, others: [] }
  const own: readonly TreeNode[] =
    draft.track < 0
      ? []
      : [
          {
            id: `${id}#slices`,
            label: "slices",
            level: level + 1,
            children: [],
            track: draft.track,
            counter: -1,
            headline: draft.track,
            others: []
          }
        ]
  const details = inner.filter(isDetail)
  const children = [...own, ...inner.filter((node) => !details.includes(node)), ...counterNodes, ...details]
  const isRank =
    children.every((node) => node.children.length === 0 || isDetail(node)) &&
    (children.length <= fewStreams || children.some((node) => streamOrder.includes(node.label)))
  const headline = isRank ? (children.find(({ track }) => track >= 0)?.track ?? -1) : -1
  const others = isRank
    ? children.flatMap(({ track }) => (track >= 0 && track !== headline && used.has(track) ? [track] : []))
    : []
  return { id, label, level, children, track: -1, counter: -1, headline, others }
}

/** Every node of a tree, outer before inner. */
export function* nodesOf(nodes: readonly TreeNode[]): Generator<TreeNode, void, void> {
  for (const node of nodes) {
    yield node
    yield* nodesOf(node.children)
  }
}

/** Tracks that stand for a node: its headline, or those of the groups inside. */
export const headlinesOf = (node: TreeNode): readonly number[] =>
  node.headline >= 0 ? [node.headline] : node.children.flatMap((child) => headlinesOf(child))

/** Tracks that tell how busy a whole trace is: of ranks and replicas where there are any, not of each request. */
export const mainTracks = (roots: readonly TreeNode[], tracks: Timeline["trace"]["tracks"]): readonly number[] => {
  const all = roots.flatMap((node) => headlinesOf(node))
  const main = all.filter((track) => ["schedule", "steps", "compute"].includes(tracks[track]?.at(-1) ?? ""))
  return main.length > 0 ? main : all
}

/** Rows beyond which groups start folded. */
const mostOpen = 40

/** Groups folded at first: ranks, and where even folded ranks are too many, what holds them. */
export const foldedAtFirst = (roots: readonly TreeNode[]): ReadonlySet<string> => {
  const folded = new Set<string>()
  const fold = (nodes: readonly TreeNode[]): number => {
    let rows = 0
    for (const node of nodes) {
      rows++
      if (node.children.length === 0) continue
      const isRank = node.headline >= 0 || isDetail(node)
      const inner = fold(node.children)
      if (isRank ? nodes.length > 3 || (isDetail(node) && node.level > 1) : inner > mostOpen && node.level > 1)
        folded.add(node.id)
      else rows += inner
    }
    return rows
  }
  fold(roots)
  return folded
}

export interface RowsOptions {
  /** Tracks that templates fill; they have a lane for them below those of their own slices. */
  readonly streams: Streams
  readonly folded: ReadonlySet<string>
  readonly pinned: ReadonlySet<string>
  /** Text that a row, or a group around it, must contain; empty shows everything. */
  readonly filter: string
  /** Of these tracks (lanes of requests) only the kept ones are shown. */
  readonly chosen?: { readonly of: { readonly has: (track: number) => boolean }; readonly kept: ReadonlySet<number> }
}

export type RowKind = "group" | "headline" | "busy" | "slices" | "counter"

export interface Row {
  readonly node: TreeNode
  readonly kind: RowKind
  readonly isPinned: boolean
  readonly top: number
  readonly height: number
  readonly laneHeight: number
}

export interface Rows {
  readonly rows: readonly Row[]
  /** Rows at the start that stay in sight, and their height. */
  readonly pinnedHeight: number
  /** Height of the rows after them. */
  readonly height: number
}

const rowHeight = 22
const counterHeight = 40
const manyLanes = 8

/** Rows from top to bottom: pinned ones first, both with `top` counted from the start of their part. */
export const rowsOf = (roots: readonly TreeNode[], timeline: Timeline, options: RowsOptions): Rows => {
  const { folded, pinned, filter, streams, chosen } = options
  const wanted = filter.trim().toLowerCase()
  const matches = (node: TreeNode): boolean => node.label.toLowerCase().includes(wanted)
  const holds = (node: TreeNode): boolean => matches(node) || node.children.some(holds)
  const rows: Row[] = []
  const place = (node: TreeNode, kind: RowKind, isPinned: boolean, top: number): number => {
    const own = (timeline.lanesOfTrack[node.track]?.length ?? 0) + (streams.byTrack.has(node.track) ? 1 : 0)
    const lanes = kind === "slices" ? Math.max(1, own) : 1
    const laneHeight = lanes > manyLanes ? 10 : 18
    const height = kind === "counter" ? counterHeight : Math.max(rowHeight, lanes * laneHeight + 4)
    rows.push({ node, kind, isPinned, top, height, laneHeight })
    return top + height
  }
  const kindOf = (node: TreeNode, isFolded: boolean): RowKind => {
    if (node.counter >= 0) return "counter"
    if (node.children.length === 0) return "slices"
    if (!isFolded) return "group"
    return node.headline >= 0 ? "headline" : "busy"
  }
  let pinnedHeight = 0
  if (pinned.size > 0)
    for (const node of nodesOf(roots))
      if (pinned.has(node.id)) pinnedHeight = place(node, kindOf(node, true), true, pinnedHeight)
  let height = 0
  const walk = (nodes: readonly TreeNode[], isInside: boolean): void => {
    for (const node of nodes) {
      if (wanted !== "" && !isInside && !holds(node)) continue
      if (chosen !== undefined && chosen.of.has(node.track) && !chosen.kept.has(node.track)) continue
      const isMatch = isInside || wanted === "" || matches(node)
      // A filter opens what hides its matches.
      const opens = wanted !== "" && !isMatch
      const isFolded = folded.has(node.id) && !opens
      height = place(node, kindOf(node, isFolded), false, height)
      if (node.children.length > 0 && !isFolded) walk(node.children, isMatch && wanted !== "")
    }
  }
  walk(roots, false)
  return { rows, pinnedHeight, height }
}
