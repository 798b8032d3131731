/** Keys on the tree of tracks: arrows move between rows and fold them, as in any tree. */
import type { Row } from "../model/tree.ts"

export interface TreeActions {
  readonly go: (row: Row) => void
  readonly fold: (id: string) => void
  readonly pin: (id: string) => void
  readonly enter: (id: string) => void
}

/** Whether the key was one of the tree's, or of another thing that has keys of its own. */
export const pressTreeKey = (event: KeyboardEvent, rows: readonly Row[], actions: TreeActions): boolean => {
  if (!(event.target instanceof HTMLElement)) return false
  const id = event.target.closest<HTMLElement>("[role=treeitem]")?.dataset["id"]
  const at = rows.findIndex(({ node }) => node.id === id)
  const row = rows[at]
  if (id === undefined || row === undefined) return false
  const go = (to: number): boolean => {
    const next = rows[to]
    if (next !== undefined) actions.go(next)
    return true
  }
  const isGroup = row.node.children.length > 0
  const isOpen = row.kind === "group"
  switch (event.key) {
    case "ArrowDown":
      return go(at + 1)
    case "ArrowUp":
      return go(at - 1)
    case "ArrowRight":
      if (isGroup && isOpen) return go(at + 1)
      if (isGroup) actions.fold(id)
      return true
    case "ArrowLeft":
      if (!(isGroup && isOpen))
        return go(rows.findLastIndex(({ node }, index) => index < at && node.level < row.node.level))
      actions.fold(id)
      return true
    case "Enter":
      actions.enter(id)
      return true
    case " ":
      actions.pin(id)
      return true
    default:
      return false
  }
}
