/** Tabs over the panel at the bottom, with the keys that tabs have. */
import { h, replace } from "./dom.ts"

export interface Tabs {
  readonly element: HTMLElement
  readonly show: (tab: string, shown: ReadonlySet<string>, content: HTMLElement) => void
}

export const makeTabs = (
  names: readonly (readonly [id: string, label: string])[],
  onTab: (tab: string) => void,
  onFold: () => void
): Tabs => {
  const panel = h("div", {
    class: "content",
    role: "tabpanel",
    id: "panel",
    tabindex: "0",
    "aria-labelledby": "tab-overview"
  })
  const buttons = names.map(([id, label]) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${id}`,
        "aria-controls": "panel",
        tabindex: "-1",
        onclick: () => onTab(id)
      },
      label
    )
  )
  const list = h("div", { role: "tablist", "aria-label": "Panels" }, ...buttons)
  list.addEventListener("keydown", (event) => {
    const seen = buttons.filter((button) => !button.hidden)
    const at = seen.findIndex((button) => button === document.activeElement)
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0
    if (step === 0) return
    event.preventDefault()
    const next = seen[(at + step + seen.length) % seen.length]
    next?.click()
    next?.focus()
  })
  const grip = h("div", {
    class: "grip",
    role: "separator",
    "aria-label": "Height of the panel",
    "aria-orientation": "horizontal",
    tabindex: "0",
    "aria-valuenow": "240",
    "aria-valuemin": "80",
    "aria-valuemax": "900"
  })
  const fold = h(
    "button",
    { type: "button", class: "fold-panel", "aria-label": "Fold the panel", title: "Fold the panel", onclick: onFold },
    "▾"
  )
  const element = h(
    "section",
    { class: "panel", "aria-label": "Details" },
    grip,
    h("div", { class: "tabs" }, list, fold),
    panel
  )
  const resize = (height: number): void => {
    const kept = Math.round(Math.min(Math.max(80, height), innerHeight * 0.8))
    element.style.setProperty("--panel", `${kept}px`)
    grip.setAttribute("aria-valuenow", String(kept))
  }
  grip.addEventListener("pointerdown", (event) => {
    event.preventDefault()
    grip.setPointerCapture(event.pointerId)
    const move = (moved: PointerEvent): void => resize(element.getBoundingClientRect().bottom - moved.clientY)
    grip.addEventListener("pointermove", move)
    grip.addEventListener("pointerup", () => grip.removeEventListener("pointermove", move), { once: true })
  })
  grip.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowUp" ? 40 : event.key === "ArrowDown" ? -40 : 0
    if (step === 0) return
    event.preventDefault()
    event.stopPropagation()
    resize(element.getBoundingClientRect().height + step)
  })
  let current = ""
  return {
    element,
    show: (tab, shown, content) => {
      names.forEach(([id], index) => {
        const button = buttons[index]!
        button.hidden = !shown.has(id)
        button.setAttribute("aria-selected", String(id === tab))
        button.setAttribute("tabindex", id === tab ? "0" : "-1")
        // On a small screen the tabs scroll sideways.
        if (id === tab && current !== tab) button.scrollIntoView({ block: "nearest", inline: "nearest" })
      })
      panel.setAttribute("aria-labelledby", `tab-${tab}`)
      const scroll = current === tab ? panel.scrollTop : 0
      current = tab
      replace(panel, content)
      panel.scrollTop = scroll
    }
  }
}
