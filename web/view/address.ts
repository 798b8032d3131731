/** A view as the state of a link, and back; what a link says of another trace is left out. */
import type { LinkState } from "../base/link-state.ts"
import { within } from "../base/time-window.ts"
import { kinds } from "../model/kinds.ts"
import { isHit } from "../model/place.ts"
import { nodesOf } from "../model/tree.ts"
import { nothingHidden, type Scene, type View } from "./session.ts"

export const linkOf = ({ whole, startsFolded }: Scene, view: View): LinkState => {
  const { window, selection, folded, pinned, hidden, filter, search, tab } = view
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
    tab: tab === "overview" ? "" : tab
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
    tab: link.tab ?? "overview"
  }
}
