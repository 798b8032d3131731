/** The scenario as a form: its fields in groups, what is wrong beside the field that it is about. */
import { h, replace } from "../view/dom.ts"
import { typed, valueAt, type FormField, type FormGroup } from "./fields.ts"
import type { Problem } from "./protocol.ts"

export interface Form {
  readonly element: HTMLElement
  /** @param names  of the catalogue's entries by kind, offered where a field takes one */
  readonly draw: (
    groups: readonly FormGroup[],
    data: Readonly<Record<string, unknown>> | undefined,
    names: Readonly<Record<string, readonly string[]>>
  ) => void
  /** Shows the problems that have a field, and answers with the others. */
  readonly showProblems: (problems: readonly Problem[]) => readonly Problem[]
}

/** Groups whose fields are all shown; of others only those that the scenario has. */
const open = new Set([
  "cluster",
  "model",
  "training",
  "training · parallelism",
  "serving",
  "serving · parallelism",
  "workload"
])

/** @param onEdit  a field has a new value; undefined takes it away */
export const makeForm = (onEdit: (path: readonly string[], value: unknown) => void): Form => {
  const form = h("form", { class: "fields", onsubmit: (event: Event) => event.preventDefault() })
  const inputs = new Map<
    string,
    { readonly input: HTMLInputElement | HTMLSelectElement; readonly error: HTMLElement }
  >()
  let catalogue: Readonly<Record<string, readonly string[]>> = {}

  const row = (field: FormField, data: unknown): HTMLElement => {
    const value = valueAt(data, field.path)
    const isComplex = typeof value === "object" && value !== null
    const shownValue =
      value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value).slice(0, 200)
    const key = field.path.join(".")
    const id = `field-${key}`
    const error = h("span", { class: "error", id: `${id}-error` })
    const { input } = field
    const send = (next: unknown): void => onEdit(field.path, next)
    const common = { id, "aria-describedby": `${id}-error`, title: field.meaning }
    let control: HTMLInputElement | HTMLSelectElement
    const extra: HTMLElement[] = []
    if (input.kind === "choice" || input.kind === "flag") {
      const choices = input.kind === "flag" ? ["true", "false"] : input.options
      const isKnown = value === undefined || choices.includes(shownValue)
      control = h(
        "select",
        common,
        h("option", { value: "" }, "default"),
        ...choices.map((one) => h("option", { value: one, selected: shownValue === one }, one)),
        isKnown ? null : h("option", { value: "?", selected: true }, shownValue.slice(0, 40))
      )
      control.addEventListener("change", () => {
        const chosen = control.value
        if (chosen !== "?") send(chosen === "" ? undefined : input.kind === "flag" ? chosen === "true" : chosen)
      })
    } else {
      const known = input.kind === "text" && input.catalogue !== undefined ? catalogue[input.catalogue] : undefined
      const list = known === undefined ? undefined : `list-${input.kind === "text" ? (input.catalogue ?? "") : ""}`
      control = h("input", {
        ...common,
        type: "text",
        inputmode: input.kind === "number" ? "decimal" : "text",
        value: shownValue,
        placeholder: field.example === "" ? "default" : `e.g. ${field.example}`,
        list,
        disabled: isComplex,
        autocomplete: "off",
        spellcheck: "false"
      })
      if (list !== undefined && document.getElementById(list) === null && form.querySelector(`#${list}`) === null)
        extra.push(h("datalist", { id: list }, ...(known ?? []).map((one) => h("option", { value: one }))))
      const box = control
      box.addEventListener("change", () => send(typed(box.value)))
      if (input.kind === "number" && typeof value === "number" && value > 0) extra.push(slider(field, value, send))
    }
    inputs.set(key, { input: control, error })
    return h(
      "div",
      { class: "field" },
      h("label", { for: id, title: field.meaning }, field.label),
      control,
      ...extra,
      error
    )
  }

  /** Halves and doubles of a number: sizes of layouts and batches are powers of two as a rule. */
  const slider = (field: FormField, value: number, send: (next: unknown) => void): HTMLElement => {
    const steps = [-3, -2, -1, 0, 1, 2, 3].map((power) => value * 2 ** power)
    const { input } = field
    const allowed = steps.filter(
      (step) =>
        input.kind === "number" &&
        step >= input.minimum &&
        step <= input.maximum &&
        (!Number.isInteger(value) || Number.isInteger(step))
    )
    const at = allowed.indexOf(value)
    const range = h("input", {
      type: "range",
      min: "0",
      max: String(Math.max(0, allowed.length - 1)),
      step: "1",
      value: String(at),
      "aria-label": `${field.label}, halves and doubles`,
      "aria-valuetext": String(value)
    })
    range.addEventListener("input", () => {
      const next = allowed[Number(range.value)]
      if (next === undefined) return
      const box = inputs.get(field.path.join("."))?.input
      if (box !== undefined) box.value = String(next)
      range.setAttribute("aria-valuetext", String(next))
    })
    range.addEventListener("change", () => {
      const next = allowed[Number(range.value)]
      if (next !== undefined) send(next)
    })
    return range
  }

  return {
    element: form,
    draw: (groups, data, names) => {
      catalogue = names
      inputs.clear()
      const kind = data !== undefined && "serving" in data ? "training" : "serving"
      replace(
        form,
        ...groups.flatMap(({ name, fields }) => {
          if (name === kind || name.startsWith(`${kind} `) || (kind === "serving" && name.startsWith("workload")))
            return []
          const others = kind === "training" ? "Training: " : "Serving: "
          const own = fields.filter(({ meaning }) => !meaning.startsWith(others))
          const present = own.filter(({ path }) => valueAt(data, path) !== undefined)
          const shownFields = open.has(name) ? own : present
          const hiddenFields = own.filter((field) => !shownFields.includes(field))
          if (shownFields.length === 0 && hiddenFields.length === 0) return []
          return [
            h(
              "fieldset",
              {},
              h("legend", {}, name),
              ...shownFields.map((field) => row(field, data)),
              hiddenFields.length === 0
                ? null
                : h(
                    "details",
                    {},
                    h("summary", {}, `${hiddenFields.length} more`),
                    ...hiddenFields.map((field) => row(field, data))
                  )
            )
          ]
        })
      )
    },

    showProblems: (found) => {
      for (const { input, error } of inputs.values()) {
        input.removeAttribute("aria-invalid")
        error.textContent = ""
      }
      return found.filter(({ path, message }) => {
        const place = inputs.get(path)
        if (place === undefined) return true
        place.input.setAttribute("aria-invalid", "true")
        place.error.textContent = message
        return false
      })
    }
  }
}
