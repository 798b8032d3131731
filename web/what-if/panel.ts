/**
 * What if: the scenario as a form and as YAML. A change is simulated by the worker and the picture follows; what is wrong
 * stands beside the field, or at the line, that it is about.
 */
import { h, replace } from "../view/dom.ts"
import type { Run } from "../view/session.ts"
import { formatSeconds } from "../../src/units/index.ts"
import type { Client } from "./client.ts"
import { changeOf, nowOf } from "./change.ts"
import { commandOf, formGroups, type FormGroup } from "./fields.ts"
import { makeForm } from "./form.ts"
import type { Description, Problem, ScenarioText, Simulated } from "./protocol.ts"
import { makeSensitivityView } from "./sensitivity-view.ts"

export interface WhatIf {
  readonly element: HTMLElement
  readonly focus: () => void
  readonly close: () => void
}

export interface WhatIfOptions {
  readonly run: Run
  readonly client: Client
  /** What only simulates resources: it is ended whenever the scenario changes. */
  readonly studyClient: Client
  readonly runOf: (simulated: Simulated, text: string) => Promise<Run | undefined>
  readonly onRun: (run: Run) => void
  readonly onCompare: (run: Run) => void
  readonly onClose: () => void
  /** How the scenario is called on the command line. */
  readonly scenarioName: string
}

/** Milliseconds of rest after which a change is simulated. */
const rest = 200

export const makeWhatIf = (options: WhatIfOptions): WhatIf => {
  const { client, run } = options
  const status = h("p", { class: "note", role: "status", "aria-live": "polite" }, "Loading the simulator…")
  const form = makeForm((path, value) => void edit(path, value).catch(fail))
  const text = h("textarea", { "aria-label": "Scenario as YAML", spellcheck: "false", rows: "18" })
  const problems = h("ul", { class: "problems", role: "alert" })
  const undo = h("button", { type: "button", disabled: true, onclick: () => step(-1) }, "Undo")
  const redo = h("button", { type: "button", disabled: true, onclick: () => step(1) }, "Redo")
  const cancel = h("button", { type: "button", disabled: true, onclick: () => stop() }, "Cancel")
  const copy = h("button", { type: "button", onclick: () => void copyCommand() }, "Copy as command")
  const compare = h(
    "button",
    { type: "button", disabled: true, onclick: () => latest !== undefined && options.onCompare(latest) },
    "Compare with before"
  )
  const close = h("button", { type: "button", "aria-label": "Close", class: "close", onclick: options.onClose }, "×")
  const sensitivity = makeSensitivityView({
    client: options.studyClient,
    onApply: (path, value) => void edit(path, value).then(drawForm, fail)
  })
  const element = h(
    "div",
    { class: "what-if" },
    h("header", {}, h("h2", {}, "What if"), close),
    h("div", { class: "buttons" }, undo, redo, cancel, compare, copy),
    status,
    problems,
    sensitivity.element,
    form.element,
    h("details", {}, h("summary", {}, "YAML"), text)
  )

  let description: Description | undefined
  let groups: readonly FormGroup[] = []
  let history: readonly ScenarioText[] = []
  let at = -1
  let timer = 0
  let asked = 0
  let latest: Run | undefined

  const current = (): ScenarioText | undefined => history[at]

  const load = async (): Promise<void> => {
    try {
      const [described, first] = await Promise.all([
        client.ask("describe", null),
        client.ask("read", run.scenario ?? "")
      ])
      if (described === undefined || first === undefined) return
      if (first._tag === "Refusal") return showProblems(first.problems)
      description = described
      groups = formGroups(described.schema)
      history = [first]
      at = 0
      text.value = first.text
      drawForm()
      sensitivity.change(first.text)
      sensitivity.begin()
      status.textContent = nowOf(run.result)
    } catch (error) {
      fail(error)
    }
  }

  const fail = (error: unknown): void => {
    status.textContent = `The simulator failed: ${error instanceof Error ? error.message : String(error)}`
    cancel.disabled = true
  }

  const push = (next: ScenarioText): void => {
    if (next.text === current()?.text) return
    history = [...history.slice(0, at + 1), next]
    at = history.length - 1
    arrived(true)
  }
  const step = (by: number): void => {
    if (history[at + by] === undefined) return
    at += by
    drawForm()
    arrived(true)
  }
  /** After every change: the text, the buttons, and soon a simulation. */
  const arrived = (isSimulated: boolean): void => {
    const now = current()
    if (now === undefined) return
    if (document.activeElement !== text) text.value = now.text
    sensitivity.change(now.text)
    undo.disabled = at <= 0
    redo.disabled = at >= history.length - 1
    window.clearTimeout(timer)
    if (isSimulated) timer = window.setTimeout(() => void simulate(), rest)
  }

  const stop = (): void => {
    client.cancel()
    cancel.disabled = true
    status.textContent = "Cancelled"
  }

  const simulate = async (): Promise<void> => {
    const now = current()
    if (now === undefined) return
    if (!cancel.disabled) client.cancel()
    const mine = ++asked
    cancel.disabled = false
    status.textContent = "Simulating…"
    try {
      const began = performance.now()
      const outcome = await client.ask("simulate", now.text)
      if (outcome === undefined || mine !== asked) return
      cancel.disabled = true
      if (outcome._tag === "Refusal") {
        sensitivity.begin()
        status.textContent = "This scenario cannot be simulated"
        return showProblems(outcome.problems)
      }
      showProblems([])
      const next = await options.runOf(outcome, now.text)
      if (next === undefined || mine !== asked) return
      latest = next
      compare.disabled = false
      options.onRun(next)
      const took = formatSeconds((performance.now() - began) / 1000)
      status.textContent = `${changeOf(run.result, next.result)} Simulated in ${took}.`
      // After the picture: the two would share the processor.
      sensitivity.begin()
    } catch (error) {
      fail(error)
    }
  }

  const showProblems = (found: readonly Problem[]): void =>
    replace(
      problems,
      ...form
        .showProblems(found)
        .map(({ line, message }) => h("li", {}, line === undefined ? message : `line ${line}: ${message}`))
    )

  const edit = async (path: readonly string[], value: unknown): Promise<void> => {
    const now = current()
    if (now === undefined) return
    const next = await client.ask("edit", { text: now.text, path, value })
    if (next === undefined) return
    if (next._tag === "Refusal") return showProblems(next.problems)
    push(next)
  }

  text.addEventListener("input", () => {
    window.clearTimeout(timer)
    timer = window.setTimeout(() => {
      void client.ask("read", text.value).then((next) => {
        if (next === undefined) return undefined
        if (next._tag === "Refusal") return showProblems(next.problems)
        push(next)
        return drawForm()
      }, fail)
    }, rest)
  })

  const drawForm = (): void => form.draw(groups, current()?.data, description?.names ?? {})

  const copyCommand = async (): Promise<void> => {
    const command = commandOf(options.scenarioName, history[0]?.data, current()?.data)
    try {
      await navigator.clipboard.writeText(command)
      status.textContent = `Copied: ${command}`
    } catch {
      status.textContent = command
    }
  }

  void load()
  return {
    element,
    focus: () => close.focus(),
    close: () => {
      window.clearTimeout(timer)
      asked++
      if (!cancel.disabled) client.cancel()
      sensitivity.stop()
    }
  }
}
