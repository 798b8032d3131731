/** A view as the state of a link, and back; what a link says of another trace is left out. */
import type { LinkState } from "../base/link-state.ts"
import { within } from "../base/time-window.ts"
import { kinds } from "../model/kinds.ts"
import { isHit } from "../model/place.ts"
import { nodesOf } from "../model/tree.ts"
import { nothingHidden, type Scene, type View } from "./session.ts"

export const linkOf = ({ whole, startsFolded, runs }: Scene, view: View): LinkState => {
  const { window, selection, folded, pinned, hidden, filter, search, tab, area, requests, row } = view
  const isWhole = window.start === whole.bounds.start && window.end === whole.bounds.end
  return {
    ...(isWhole ? {} : { window }),
    ...(selection === undefined ? {} : { selection }),
    pinned: [...pinned],
    toggled: [
      ...[...folded].filter((id) => !startsFolded.has(id)),
      ...[...startsFolded].filter((id) => !folded.has(id))
    ],
    hidden: [...hidden],
    filter,
    search,
    tab: tab === "overview" ? "" : tab,
    ...(area === undefined ? {} : { area: { start: area.start, end: area.end, tracks: area.tracks } }),
    marks: view.marks,
    ...(requests === undefined ? {} : { requests: { metric: requests.metric, range: requests.range } }),
    match: view.match,
    ...(row === undefined ? {} : { row }),
    showsPath: view.showsPath,
    showsCourse: runs[0]?.iteration !== undefined
  }
}

export const viewOfLink = ({ whole, tree, startsFolded }: Scene, link: LinkState): Partial<View> => {
  const ids = new Set([...nodesOf(tree)].map(({ id }) => id))
  const folded = new Set(startsFolded)
  for (const id of link.toggled ?? []) if (ids.has(id) && !folded.delete(id)) folded.add(id)
  return {
    window: within(link.window ?? whole.bounds, whole.bounds),
    selection: link.selection !== undefined && isHit(whole, link.selection) ? link.selection : undefined,
    pinned: new Set((link.pinned ?? []).filter((id) => ids.has(id))),
    folded,
    hidden: link.hidden === undefined ? nothingHidden : new Set(kinds.filter((kind) => link.hidden?.includes(kind))),
    filter: link.filter ?? "",
    tab: link.tab ?? "overview",
    area: areaOf(whole, tree, link.area),
    marks: (link.marks ?? []).map((mark) => within(mark, whole.bounds)),
    row: link.row !== undefined && ids.has(link.row) ? link.row : undefined
  }
}

/** An area with the rows that its tracks are on. */
const areaOf = (
  { bounds, lanesOfTrack }: Scene["whole"],
  tree: Scene["tree"],
  link: LinkState["area"]
): View["area"] => {
  if (link === undefined || link.end <= bounds.start || link.start >= bounds.end) return undefined
  const tracks = new Set(link.tracks.filter((track) => track < lanesOfTrack.length))
  const rows = [...nodesOf(tree)].filter(({ track, headline }) => tracks.has(track) || tracks.has(headline))
  return tracks.size === 0
    ? undefined
    : { start: link.start, end: link.end, tracks: [...tracks], rows: rows.map(({ id }) => id) }
}
