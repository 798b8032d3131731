/** Moving about: selecting, stepping, following arrows, zooming, searching. What a command or a hand asks becomes a change of the view. */
import { around, panned, within, zoomed, type TimeWindow } from "../base/time-window.ts"
import type { Hit } from "../model/hit.ts"
import type { Kind } from "../model/kinds.ts"
import { neighbour, stretchOf, trackOfHit } from "../model/place.ts"
import { requestsBetween } from "../model/requests.ts"
import { searchSlices } from "../model/search.ts"
import type { Metric } from "../model/serving-result.ts"
import { metricNames } from "../model/serving-result.ts"
import { nodesOf } from "../model/tree.ts"
import { formatSeconds } from "../../src/units/index.ts"
import type { Scene, View } from "./session.ts"
import type { TimelineView } from "./timeline-view.ts"

/** What is shown, and how it is changed; both are undefined until a run is open. */
export interface Shown {
  readonly scene: () => Scene | undefined
  readonly view: () => View | undefined
  readonly set: (change: Partial<View>) => void
  readonly timeline: TimelineView
}

export interface Navigation {
  readonly bounds: () => TimeWindow
  readonly moveTo: (window: TimeWindow) => void
  /** Selects a slice and, where it was not clicked, brings it into sight. */
  readonly select: (hit: Hit | undefined, isRevealed: boolean) => void
  readonly selectFirst: () => void
  readonly selectAll: () => void
  readonly focusSelection: () => void
  readonly step: (direction: 1 | -1) => void
  readonly followFlow: (direction: "into" | "outOf") => void
  readonly unfoldTo: (track: number) => void
  readonly zoom: (factor: number) => void
  readonly pan: (share: number) => void
  readonly mark: (isKept: boolean) => void
  readonly search: (text: string) => void
  readonly cycle: (direction: 1 | -1) => void
  readonly matches: () => number
  readonly toggleKind: (kind: Kind) => void
  readonly foldAll: (isFolded: boolean) => void
  readonly showRequests: (metric: Metric, range: readonly [number, number]) => void
  /** Forgets what was found in another trace. */
  readonly forget: () => void
}

export const makeNavigation = ({ scene, view, set, timeline }: Shown): Navigation => {
  let found: Uint32Array = new Uint32Array(0)

  const bounds = (): TimeWindow => timeline.timeline().bounds
  const moveTo = (window: TimeWindow): void => timeline.moveTo(within(window, bounds()))

  const select = (hit: Hit | undefined, isRevealed: boolean): void => {
    const [now, shown] = [scene(), view()]
    if (now === undefined || shown === undefined) return
    if (hit === undefined) return set({ selection: undefined, area: undefined })
    const tab = shown.tab === "pipeline" || shown.tab === "memory" ? shown.tab : "selection"
    set({ selection: hit, area: undefined, tab })
    if (!isRevealed) return
    unfoldTo(trackOfHit(timeline.timeline(), now.streams, hit))
    const { start, end } = stretchOf(timeline.timeline(), hit)
    const span = shown.window.end - shown.window.start
    if (end < shown.window.start || start > shown.window.end || end - start > span)
      moveTo({ start: (start + end) / 2 - span / 2, end: (start + end) / 2 + span / 2 })
  }

  /** Opens the groups around a track, unless a folded one shows it as its headline. */
  const unfoldTo = (track: number): void => {
    const [now, shown] = [scene(), view()]
    if (now === undefined || shown === undefined) return
    const folded = new Set(shown.folded)
    const open = (nodes: Scene["tree"]): boolean =>
      nodes.some((node) => {
        if (node.children.length === 0) return node.track === track
        if (folded.has(node.id) && node.headline === track) return true
        const isInside = open(node.children)
        if (isInside) folded.delete(node.id)
        return isInside
      })
    open(now.tree)
    if (folded.size !== shown.folded.size) set({ folded, filter: "" })
    const row = timeline.rows().rows.find(({ node }) => node.track === track || node.headline === track)
    if (row !== undefined && !row.isPinned) timeline.reveal(row.top, row.height)
  }

  const focusSelection = (): void => {
    const shown = view()
    if (shown === undefined) return
    if (shown.selection !== undefined)
      return timeline.moveTo(around(stretchOf(timeline.timeline(), shown.selection), bounds()))
    timeline.moveTo(shown.area === undefined ? bounds() : around(shown.area, bounds()))
    return undefined
  }

  /** The first slice in the window on the row under the keyboard, or on the first row that has one. */
  const selectFirst = (): void => {
    const row = view()?.row
    const drawn = timeline.rectangles()
    const label = timeline.rows().rows.find(({ node }) => node.id === row)?.node.label
    const first = drawn.find((one) => one.row === label && one.x + one.width > 0) ?? drawn[0]
    if (first !== undefined) select({ slice: first.slice, entry: first.entry }, true)
  }

  const selectAll = (): void => {
    const shown = view()
    if (shown === undefined) return
    const { rows } = timeline.rows()
    const tracks = new Set(
      rows.flatMap(({ node, kind }) => (kind === "slices" ? [node.track] : kind === "headline" ? [node.headline] : []))
    )
    const area = { ...shown.window, tracks: [...tracks], rows: rows.map(({ node }) => node.id) }
    set({ area, selection: undefined, tab: "selection" })
  }

  const search = (text: string): void => {
    const now = scene()
    if (now === undefined) return
    found = searchSlices(timeline.timeline(), text)
    const { start } = now.read.trace.slices
    timeline.setMatches(Array.from(found, (slice) => start[slice]!))
    set({ search: text, match: -1 })
  }

  return {
    bounds,
    moveTo,
    select,
    selectFirst,
    selectAll,
    focusSelection,
    unfoldTo,
    search,
    step: (direction) => {
      const [now, selection] = [scene(), view()?.selection]
      if (now === undefined) return
      if (selection === undefined) return selectFirst()
      const next = neighbour(timeline.timeline(), now.streams, selection, direction)
      if (next !== undefined) select(next, true)
      return undefined
    },
    followFlow: (direction) => {
      const selection = view()?.selection
      const [next] = selection === undefined ? [] : (scene()?.flows[direction](selection.slice) ?? [])
      if (next !== undefined) select({ slice: next, entry: -1 }, true)
    },
    zoom: (factor) => {
      const aim = timeline.aim()
      const at = timeline.pointerTime() ?? (aim.start + aim.end) / 2
      timeline.moveTo(zoomed(aim, at, factor, bounds()))
    },
    pan: (share) => timeline.moveTo(panned(timeline.aim(), share, bounds())),
    mark: (isKept) => {
      const shown = view()
      if (shown === undefined) return
      const stretch =
        shown.area ?? (shown.selection === undefined ? undefined : stretchOf(timeline.timeline(), shown.selection))
      if (stretch === undefined) return set({ marks: [] })
      const one = { start: stretch.start, end: stretch.end }
      return set({ marks: isKept ? [...shown.marks, one] : [one] })
    },
    cycle: (direction) => {
      const shown = view()
      if (shown === undefined || found.length === 0) return
      const from = shown.match < 0 && direction === -1 ? 0 : shown.match
      const match = (((from + direction) % found.length) + found.length) % found.length
      set({ match })
      select({ slice: found[match]!, entry: -1 }, true)
    },
    matches: () => found.length,
    toggleKind: (kind) => {
      const hidden = new Set(view()?.hidden)
      if (!hidden.delete(kind)) hidden.add(kind)
      set({ hidden, selection: undefined })
      const text = view()?.search ?? ""
      if (text !== "") search(text)
    },
    foldAll: (isFolded) => {
      const groups = [...nodesOf(scene()?.tree ?? [])].filter(({ children, level }) => children.length > 0 && level > 1)
      set({ folded: new Set(isFolded ? groups.map(({ id }) => id) : []) })
    },
    showRequests: (metric, range) => {
      const [now, shown] = [scene(), view()]
      if (now === undefined || shown === undefined) return
      const tracks = requestsBetween(now.requests, metric, range)
      const label = `${metricNames[metric]} within ${formatSeconds(range[0])} to ${formatSeconds(range[1])}.`
      const group = [...nodesOf(now.tree)].find(({ children }) =>
        children.some((child) => now.requests.has(child.track))
      )
      const folded = new Set(shown.folded)
      if (group !== undefined) folded.delete(group.id)
      set({ requests: { metric, range, label, tracks }, folded })
      const row = timeline.rows().rows.find(({ node }) => node.id === group?.id)
      if (row !== undefined) timeline.reveal(row.top, 200)
    },
    forget: () => {
      found = new Uint32Array(0)
    }
  }
}
