/** The start page: the shipped scenarios as cards, and a place for files. */
import { formatCount } from "../../src/units/index.ts"
import { h, replace, svg } from "../view/dom.ts"
import { theme } from "../view/theme.ts"
import type { Client } from "../what-if/client.ts"
import type { Card } from "../what-if/protocol.ts"
import { scheduleBoxes } from "./schedule-picture.ts"

export interface StartOptions {
  readonly client: Client
  readonly onFile: () => void
  /** Simulates and shows; answers what went wrong. */
  readonly onScenario: (text: string) => Promise<string | undefined>
}

export const makeStartPage = ({ client, onFile, onScenario }: StartOptions): HTMLElement => {
  const status = h("p", { class: "status", role: "status", "aria-live": "polite" })
  const cards = h("div", { class: "cards" }, h("p", { class: "loading" }, "Loading the scenarios…"))
  const say = (message: string, isError: boolean): void => {
    status.textContent = message
    status.classList.toggle("error", isError)
    status.classList.add("shown")
  }
  const open = async (card: Card): Promise<void> => {
    say(`Simulating ${card.title}…`, false)
    try {
      const failure = await onScenario(card.text)
      if (failure !== undefined) say(failure, true)
    } catch (error) {
      say(error instanceof Error ? error.message : String(error), true)
    }
  }
  client
    .ask("cards", null)
    .then((found) => {
      const groups = Map.groupBy(found ?? [], ({ name }) => (name.includes("/") ? (name.split("/")[0] ?? "") : ""))
      replace(
        cards,
        ...[...groups].flatMap(([group, own]) => [
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
      )
    })
    .catch((error: unknown) => {
      replace(
        cards,
        h("p", { class: "empty" }, "The simulator could not be loaded; recorded traces can be opened all the same.")
      )
      say(error instanceof Error ? error.message : String(error), true)
    })
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
    cards
  )
}

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
