/**
 * What a little more of each resource would buy: bars of the scenario in the form, one resource after another. They are
 * simulated only while the section is open, by a worker of their own, so that a change of the form need not wait for them.
 */
import { effectBars } from "../../src/charts/index.ts"
import { formatFigures, formatPercent } from "../../src/units/index.ts"
import { chart } from "../view/chart.ts"
import { h, replace, table } from "../view/dom.ts"
import type { Client } from "./client.ts"
import type { Sensitivities, Sensitivity, SensitivityRow, SensitivitySide } from "./protocol.ts"

export interface SensitivityView {
  readonly element: HTMLElement
  /** The scenario is another one now: what is simulated of the old one is dropped. */
  readonly change: (text: string) => void
  /** Simulates it, if the section is open. */
  readonly begin: () => void
  readonly stop: () => void
}

export interface SensitivityOptions {
  /** Of a worker that nothing else waits for. */
  readonly client: Client
  /** Somebody wants the scenario to be so. */
  readonly onApply: (path: readonly string[], value: unknown) => void
}

const per = (share: number): string => `${formatFigures(Number((100 * share).toPrecision(6)))} %`

/** "+3.1 %". */
const signed = (change: number): string => {
  const text = (100 * change).toFixed(1)
  return Number(text) === 0 ? "0 %" : `${change > 0 ? "+" : ""}${text} %`
}

/** "10 % more network", "9.09 % less network", "twice the micro-batch". */
const sideText = ({ times }: SensitivitySide, title: string): string =>
  times === 2
    ? `twice the ${title}`
    : times === 0.5
      ? `half the ${title}`
      : `${per(Math.abs(times - 1))} ${times > 1 ? "more" : "less"} ${title}`

export const makeSensitivityView = ({ client, onApply }: SensitivityOptions): SensitivityView => {
  const status = h("p", { class: "note", role: "status", "aria-live": "polite" })
  const bar = h("progress", { "aria-label": "Simulations of resources" })
  const cancel = h("button", { type: "button", onclick: () => stop("Stopped") }, "Stop")
  const running = h("div", { class: "running", hidden: true }, bar, cancel)
  const again = h("button", { type: "button", hidden: true, onclick: () => void begin() }, "Simulate again")
  const choice = h("select", { id: "sensitivity-result" })
  const chosen = h("div", { class: "field", hidden: true }, h("label", { for: choice.id }, "effect on"), choice)
  const body = h("div", { class: "effects" })
  const element = h(
    "details",
    { class: "sensitivity" },
    h("summary", {}, "What more would buy"),
    status,
    running,
    again,
    chosen,
    body
  )

  let text: string | undefined
  /** The text that was simulated, or is being so. */
  let of: string | undefined
  let found: Sensitivities | undefined
  let asked = 0
  /** The change that had the keyboard when the rows were drawn anew. */
  let focused: string | undefined

  const stop = (why?: string): void => {
    asked++
    of = undefined
    if (!running.hidden) client.cancel()
    running.hidden = true
    again.hidden = why === undefined
    if (why !== undefined) status.textContent = why
  }

  const begin = async (): Promise<void> => {
    if (text === undefined || !element.open || of === text) return
    stop()
    const mine = ++asked
    of = text
    again.hidden = true
    running.hidden = false
    bar.removeAttribute("value")
    body.classList.add("old")
    status.textContent = "Simulating a little more and less of each resource…"
    try {
      const answer = await client.ask("sensitivity", text, (part) => {
        if (mine === asked && part._tag === "Sensitivities") draw(part)
      })
      if (answer === undefined || mine !== asked) return
      running.hidden = true
      if (answer._tag === "Refusal") {
        found = undefined
        replace(body)
        chosen.hidden = true
        status.textContent = answer.problems.map(({ message }) => message).join("; ")
        return
      }
      draw(answer)
      status.textContent = `${answer.of} simulations with the same random draws. A click on a bar makes the change.`
    } catch (error) {
      if (mine === asked) stop(`The simulator failed: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  const draw = (next: Sensitivities): void => {
    found = next
    bar.max = next.of
    bar.value = next.done
    const titles = next.results.map(({ title }) => title)
    if (titles.join() !== [...choice.options].map(({ value }) => value).join()) {
      const before = choice.value
      replace(choice, ...titles.map((title) => h("option", { value: title, selected: title === before }, title)))
    }
    chosen.hidden = false
    drawBody()
  }

  const drawBody = (): void => {
    const result = found?.results.find(({ title }) => title === choice.value)
    if (found === undefined || result === undefined) return
    body.classList.remove("old")
    const active = document.activeElement
    if (body.contains(active)) focused = active?.getAttribute("title") ?? undefined
    else if (active !== document.body) focused = undefined
    replace(body, ...contents(result, found))
    // Who stands on a change comes back to it when it arrives.
    ;[...body.querySelectorAll("button")].find(({ title }) => title === focused)?.focus()
  }
  choice.addEventListener("change", drawBody)

  const apply = ({ path, value }: SensitivitySide): void => onApply(path, value)

  const contents = (result: Sensitivity, { by }: Sensitivities): readonly HTMLElement[] => {
    // A doubling would dwarf the others.
    const drawn = result.rows.filter(({ more }) => more.times < 1 + 2 * by)
    const hint = (side: SensitivitySide | null, title: string): string | null =>
      side === null ? null : `${sideText(side, title)}${side.change === null ? "" : `: ${signed(side.change)}`}`
    const bars = chart(
      effectBars({
        title: `${result.finding.charAt(0).toUpperCase()}${result.finding.slice(1)}`,
        more: `${per(by)} more`,
        less: `${per(by / (1 + by))} less`,
        rows: drawn.map(({ title, more, less }) => ({
          name: title,
          withMore: more.change,
          withLess: less?.change ?? null
        })),
        hints: drawn.map(({ title, more, less }) => [hint(more, title), hint(less, title)]),
        width: Math.max(280, Math.min(560, element.clientWidth - 32))
      }),
      {
        onDot: (index) => {
          const row = drawn[index >> 1]
          const side = index % 2 === 0 ? row?.more : row?.less
          if (side !== undefined && side !== null) apply(side)
        }
      }
    )
    return [
      bars,
      effectTable(result, by, apply),
      ...(result.remarks.length === 0
        ? []
        : [h("ul", { class: "note" }, ...result.remarks.map((one) => h("li", {}, one)))])
    ]
  }

  element.addEventListener("toggle", () => {
    if (element.open) void begin()
    else if (!running.hidden) stop("")
  })

  return {
    element,
    change: (next) => {
      text = next
      if (of === next) return
      stop()
      body.classList.add("old")
    },
    begin: () => void begin(),
    stop: () => stop()
  }
}

/** The numbers, each a button that makes the change: the bars for hands without a mouse, and for readers by ear. */
const effectTable = (result: Sensitivity, by: number, apply: (side: SensitivitySide) => void): HTMLElement => {
  const button = (side: SensitivitySide | null, title: string): Node | string =>
    side === null
      ? ""
      : h(
          "button",
          {
            type: "button",
            class: "link",
            "aria-label": `${sideText(side, title)}: ${result.title} ${side.change === null ? "cannot run" : signed(side.change)}`,
            title: sideText(side, title),
            onclick: () => apply(side)
          },
          side.change === null ? "–" : signed(side.change)
        )
  return table(
    `Effect on ${result.title}`,
    [
      {
        title: "resource",
        cell: ({ title, more }: SensitivityRow) =>
          more.times < 1 + 2 * by ? title : `${title} ×${formatFigures(more.times)}`
      },
      { title: `+${per(by)}`, isNumber: true, cell: ({ title, more }) => button(more, title) },
      { title: `-${per(by / (1 + by))}`, isNumber: true, cell: ({ title, less }) => button(less, title) },
      {
        title: "for 1 %",
        isNumber: true,
        cell: ({ elasticity }) => (elasticity === null ? "" : formatPercent(elasticity / 100))
      },
      { title: "", cell: ({ shape }) => (shape === "smooth" ? "" : shape) }
    ],
    result.rows
  )
}
