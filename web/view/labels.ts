/** The tree of tracks at the left edge: rows in sight as tree items, one of them in the order of the Tab key. */
import type { Row, Rows } from "../model/tree.ts"
import { h } from "./dom.ts"

export interface Labels {
  readonly element: HTMLElement
  readonly draw: (rows: Rows, scroll: number, height: number, focused: string | undefined) => void
  readonly focusRow: (id: string) => void
}

export interface LabelActions {
  readonly toggle: (id: string) => void
  readonly pin: (id: string) => void
  readonly focus: (id: string) => void
}

export const makeLabels = (actions: LabelActions): Labels => {
  const pinned = h("div", { class: "pinned" })
  const list = h("div", { class: "rows" })
  const element = h("div", { class: "labels", role: "tree", "aria-label": "Tracks" }, pinned, list)
  const known = new Map<string, HTMLElement>()
  let wanted: string | undefined

  const make = (row: Row): HTMLElement => {
    const { node } = row
    const isGroup = node.children.length > 0
    const whole = node.label.slice(0, 300)
    // Of "node 4 · rank 32 (stage 1)" a narrow window shows the rank alone.
    const split = isGroup && node.level > 1 ? whole.lastIndexOf(" · ") + 1 : 0
    const outer = split > 0 ? h("span", { class: "outer" }, `${whole.slice(0, split)}· `) : null
    const text = h("span", { class: "name", title: whole }, outer, split > 0 ? whole.slice(split + 2) : whole)
    const pin = h(
      "button",
      {
        type: "button",
        class: "pin",
        tabindex: "-1",
        title: row.isPinned ? "Unpin" : "Pin to the top",
        "aria-label": `${row.isPinned ? "Unpin" : "Pin"} ${node.label.slice(0, 100)}`,
        onclick: (event: Event) => {
          event.stopPropagation()
          actions.pin(node.id)
        }
      },
      row.isPinned ? "−" : "+"
    )
    const item = h(
      "div",
      {
        class: isGroup ? "row group" : "row",
        role: "treeitem",
        tabindex: "-1",
        "aria-level": String(node.level),
        "aria-label": node.label.slice(0, 300),
        onclick: () => {
          actions.focus(node.id)
          if (isGroup) actions.toggle(node.id)
        }
      },
      h("span", { class: "fold", "aria-hidden": "true" }),
      text,
      pin
    )
    item.dataset["id"] = node.id
    return item
  }

  return {
    element,
    draw: (rows, scroll, height, focused) => {
      const kept = new Set<string>()
      const place = (row: Row, parent: HTMLElement, top: number): void => {
        const key = `${row.isPinned ? "pinned " : ""}${row.node.id}`
        kept.add(key)
        let item = known.get(key)
        if (item === undefined) {
          item = make(row)
          known.set(key, item)
        }
        if (item.parentElement !== parent) parent.append(item)
        item.style.setProperty("top", `${top}px`)
        item.style.setProperty("height", `${row.height}px`)
        item.style.setProperty("--level", String(row.isPinned ? 1 : row.node.level))
        const isFolded = row.kind === "headline" || row.kind === "busy"
        if (row.node.children.length > 0) item.setAttribute("aria-expanded", String(!isFolded))
        item.setAttribute("aria-selected", String(row.node.id === focused))
        item.setAttribute("tabindex", row.node.id === (focused ?? rows.rows[0]?.node.id) ? "0" : "-1")
      }
      list.style.setProperty("top", `${rows.pinnedHeight}px`)
      pinned.style.setProperty("height", `${rows.pinnedHeight}px`)
      for (const row of rows.rows) {
        const top = row.isPinned ? row.top : row.top - scroll
        const isSeen = row.isPinned || (top + row.height > 0 && top < height - rows.pinnedHeight)
        if (isSeen || row.node.id === focused) place(row, row.isPinned ? pinned : list, top)
      }
      for (const [key, item] of known)
        if (!kept.has(key)) {
          item.remove()
          known.delete(key)
        }
      if (wanted !== undefined) {
        known.get(wanted)?.focus({ preventScroll: true })
        wanted = undefined
      }
    },
    focusRow: (id) => {
      wanted = id
    }
  }
}
