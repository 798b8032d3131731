/** The line at the top: the run's name, search, legend, commands; and the status that comes and goes. */
import { formatCount } from "../../src/units/index.ts"
import type { Kind } from "../model/kinds.ts"
import { keyName, type Command } from "./commands.ts"
import { h } from "./dom.ts"
import { drawLegend, kindsOf, labelsOf } from "./legend.ts"
import type { Scene, View } from "./session.ts"
import { theme } from "./theme.ts"

export interface Header {
  readonly element: HTMLElement
  readonly status: HTMLElement
  readonly say: (message: string, isError?: boolean) => void
  readonly focusSearch: () => void
  readonly draw: (scene: Scene, view: View) => void
  readonly drawSearch: (view: View, matches: number) => void
}

export interface HeaderOptions {
  readonly commands: readonly Command[]
  readonly hasHome: boolean
  readonly search: (text: string) => void
  readonly cycle: (direction: 1 | -1) => void
  readonly toggleKind: (kind: Kind) => void
}

export const makeHeader = ({ commands, hasHome, search, cycle, toggleKind }: HeaderOptions): Header => {
  const title = h("h1", {}, "Windtunnel")
  const legend = h("div", { class: "legend", role: "group", "aria-label": "Kinds of work" })
  const input = h("input", {
    type: "search",
    placeholder: "Search  /",
    "aria-label": "Search slices by name",
    autocomplete: "off",
    spellcheck: "false",
    oninput: () => search(input.value)
  })
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") cycle(event.shiftKey ? -1 : 1)
    if (event.key === "Escape") input.blur()
  })
  const count = h("output", { class: "count", "aria-live": "polite" })
  const button = (id: string, label: string): HTMLElement => {
    const command = commands.find((one) => one.id === id)
    const key = command?.keys[0]
    return h(
      "button",
      {
        type: "button",
        title: `${command?.name ?? ""}${key === undefined ? "" : ` (${keyName(key)})`}`,
        onclick: () => command?.run()
      },
      label
    )
  }
  const actions = h(
    "nav",
    { "aria-label": "Commands" },
    hasHome ? button("home", "Start") : null,
    button("what-if", "What if"),
    button("compare-file", "Compare"),
    button("open", "Open"),
    button("help", "?")
  )
  const status = h("div", { class: "status", role: "status", "aria-live": "polite" })
  let timer = 0
  status.addEventListener("click", () => status.classList.remove("shown"))

  return {
    element: h("header", { class: "bar-top" }, title, h("div", { class: "search" }, input, count), legend, actions),
    status,
    say: (message, isError = false) => {
      window.clearTimeout(timer)
      status.textContent = message.slice(0, 1000)
      status.classList.toggle("error", isError)
      status.classList.add("shown")
      if (!isError) timer = window.setTimeout(() => status.classList.remove("shown"), 4000)
    },
    focusSearch: () => input.focus(),
    draw: (scene, view) => {
      const name = scene.runs.map((run) => run.name).join(" / ")
      title.textContent = name.slice(0, 200)
      title.title = name.slice(0, 1000)
      document.title = `${name.slice(0, 100)} · Windtunnel`
      drawLegend(legend, kindsOf(scene), labelsOf(scene), view.hidden, theme(), toggleKind)
    },
    drawSearch: (view, matches) => {
      if (input.value !== view.search) input.value = view.search
      if (view.search.trim() === "") count.textContent = ""
      else if (matches === 0) count.textContent = "none"
      else count.textContent = view.match < 0 ? formatCount(matches) : `${view.match + 1} of ${formatCount(matches)}`
    }
  }
}
