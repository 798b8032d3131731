/** The start page: the shipped scenarios as cards, and a place for files. */
import { cards as shipped } from "virtual:windtunnel-cards"
import { formatCount } from "../../src/units/index.ts"
import { h, svg } from "../view/dom.ts"
import { theme } from "../view/theme.ts"
import type { Card } from "./card.ts"
import { scheduleBoxes } from "./schedule-picture.ts"

export interface StartOptions {
  readonly onFile: () => void
  /** Simulates a shipped scenario and shows it; answers what went wrong. */
  readonly onShipped: (name: string) => Promise<string | undefined>
}

export const makeStartPage = ({ onFile, onShipped }: StartOptions): HTMLElement => {
  const status = h("p", { class: "status", role: "status", "aria-live": "polite" })
  const say = (message: string, isError: boolean): void => {
    status.textContent = message
    status.classList.toggle("error", isError)
    status.classList.add("shown")
  }
  const open = async (card: Card): Promise<void> => {
    say(`Simulating ${card.title}…`, false)
    try {
      const failure = await onShipped(card.name)
      if (failure !== undefined) say(failure, true)
    } catch (error) {
      say(error instanceof Error ? error.message : String(error), true)
    }
  }
  return h(
    "main",
    { class: "start" },
    h("h1", {}, "Windtunnel"),
    h(
      "p",
      { class: "lead" },
      "Simulates multi-GPU training and serving in this browser. Choose a scenario, or drop a scenario or a trace anywhere on the page."
    ),
    h(
      "p",
      {},
      h("button", { type: "button", onclick: onFile }, "Open a file…"),
      " ",
      h(
        "span",
        { class: "note" },
        "trace.windtunnel, Chrome or Perfetto JSON, PyTorch profiler, .gz of these, or a scenario in YAML"
      )
    ),
    status,
    h("div", { class: "cards" }, ...cardGroups(open))
  )
}

/** Cards by the folder that they are in, the top one first. */
const cardGroups = (open: (card: Card) => Promise<void>): readonly (HTMLElement | null)[] =>
  [...Map.groupBy(shipped, ({ name }) => (name.includes("/") ? (name.split("/")[0] ?? "") : ""))]
    .sort(([one], [other]) => one.localeCompare(other))
    .flatMap(([group, own]) => [
      group === "" ? null : h("h2", {}, group.replaceAll("-", " ")),
      h(
        "ul",
        {},
        ...own.map((card) =>
          h(
            "li",
            {},
            cardOf(card, () => void open(card))
          )
        )
      )
    ])

const cardOf = (card: Card, onClick: () => void): HTMLElement =>
  h(
    "button",
    { type: "button", class: "card", onclick: onClick },
    picture(card),
    h("strong", {}, card.title),
    h(
      "span",
      { class: "note" },
      [
        card.accelerators > 0 ? `${formatCount(card.accelerators)} accelerators` : card.kind,
        card.stages > 1 ? `${card.stages} stages` : "",
        card.tensor > 1 ? `TP ${card.tensor}` : ""
      ]
        .filter((part) => part !== "")
        .join(" · ")
    )
  )

const size = { width: 200, height: 56 }

const picture = ({ stages, kind }: Card): SVGSVGElement => {
  const rows = Math.min(8, Math.max(1, stages))
  const boxes = scheduleBoxes(rows, rows + 4)
  const end = Math.max(...boxes.map(({ start, duration }) => start + duration))
  const [x, y] = [size.width / end, size.height / rows]
  const [forward, backward] = theme().colours
  return svg(
    "svg",
    { viewBox: `0 0 ${size.width} ${size.height}`, class: "schedule", "aria-hidden": "true" },
    ...boxes.map((box) =>
      svg("rect", {
        x: box.start * x,
        y: box.stage * y + 0.5,
        width: Math.max(0.5, box.duration * x - 0.5),
        height: Math.max(1, Math.min(12, y - 1)),
        fill: (kind === "serving" ? !box.isForward : box.isForward) ? (forward ?? "") : (backward ?? "")
      })
    )
  )
}
