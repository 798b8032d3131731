/** Help and the command palette, both made from the list of commands. */
import { findCommands, keyName, type Command } from "./commands.ts"
import { h, replace } from "./dom.ts"

const open = (dialog: HTMLDialogElement): void => {
  document.body.append(dialog)
  dialog.addEventListener("close", () => dialog.remove())
  // The browser closes it in its own time; a key pressed right after Escape is meant for the page already.
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return
    event.preventDefault()
    dialog.close()
  })
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close()
  })
  dialog.showModal()
}

const keysOf = ({ keys }: Command): readonly (HTMLElement | string)[] =>
  keys.flatMap((key, index) => [...(index === 0 ? [] : [" "]), h("kbd", {}, keyName(key))])

const hands: readonly (readonly [string, string])[] = [
  ["Wheel", "scroll"],
  ["Ctrl+wheel, pinch", "zoom at the pointer"],
  ["Shift+wheel, Shift+drag", "pan"],
  ["Drag", "select an area"],
  ["Double click", "zoom to the slice"]
]

export const openHelp = (commands: readonly Command[]): void => {
  const groups = Map.groupBy(
    commands.filter(({ keys }) => keys.length > 0),
    ({ group }) => group
  )
  const close = h("button", { type: "button", class: "close", "aria-label": "Close" }, "×")
  const dialog = h(
    "dialog",
    { class: "help", "aria-labelledby": "help-title" },
    h("header", {}, h("h2", { id: "help-title" }, "Keys"), close),
    h(
      "div",
      { class: "columns" },
      ...[...groups].map(([group, own]) =>
        h(
          "section",
          {},
          h("h3", {}, group),
          h("dl", {}, ...own.map((command) => h("div", {}, h("dt", {}, ...keysOf(command)), h("dd", {}, command.name))))
        )
      ),
      h(
        "section",
        {},
        h("h3", {}, "Mouse and touch"),
        h("dl", {}, ...hands.map(([what, does]) => h("div", {}, h("dt", {}, what), h("dd", {}, does))))
      )
    )
  )
  close.addEventListener("click", () => dialog.close())
  open(dialog)
}

export const openPalette = (commands: readonly Command[]): void => {
  const input = h("input", {
    type: "text",
    role: "combobox",
    "aria-label": "Command",
    "aria-expanded": "true",
    "aria-controls": "palette-list",
    "aria-autocomplete": "list",
    placeholder: "Command",
    autocomplete: "off",
    spellcheck: "false"
  })
  const list = h("div", { id: "palette-list", role: "listbox", "aria-label": "Commands" })
  const dialog = h("dialog", { class: "palette", "aria-label": "Commands" }, input, list)
  let shown: readonly Command[] = []
  let active = 0
  const draw = (): void => {
    shown = findCommands(commands, input.value)
    active = Math.max(0, Math.min(active, shown.length - 1))
    replace(
      list,
      ...shown.map((command, index) =>
        h(
          "div",
          {
            id: `command-${command.id}`,
            role: "option",
            "aria-selected": String(index === active),
            onclick: () => choose(command)
          },
          h("span", {}, command.name),
          h("span", { class: "keys" }, ...keysOf(command))
        )
      ),
      shown.length === 0 && h("p", { class: "empty" }, "No such command")
    )
    const chosen = shown[active]
    if (chosen === undefined) input.removeAttribute("aria-activedescendant")
    else input.setAttribute("aria-activedescendant", `command-${chosen.id}`)
    list.children[active]?.scrollIntoView({ block: "nearest" })
  }
  const choose = (command: Command | undefined): void => {
    dialog.close()
    command?.run()
  }
  input.addEventListener("input", () => {
    active = 0
    draw()
  })
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault()
      return choose(shown[active])
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return undefined
    event.preventDefault()
    active += event.key === "ArrowDown" ? 1 : -1
    return draw()
  })
  open(dialog)
  draw()
  input.focus()
}
