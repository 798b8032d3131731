/** Keys of the page: those of the tree where it has the focus, and else those of the commands; a text field keeps its own. */
import { commandOf, type Command } from "./commands.ts"

export interface Keys {
  readonly commands: readonly Command[]
  readonly isOpen: () => boolean
  /** Whether the tree took the key. */
  readonly pressTree: (event: KeyboardEvent) => boolean
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.matches("input, textarea, select") || target.isContentEditable)

export const listenToKeys = ({ commands, isOpen, pressTree }: Keys): void =>
  window.addEventListener("keydown", (event) => {
    if (!isOpen() || document.querySelector("dialog[open]") !== null) return
    const pressed = commandOf(commands, event)
    if (isTyping(event.target) && !(event.ctrlKey || event.metaKey)) return
    if (isTyping(event.target) && pressed?.id === "select-all") return
    if (
      event.target instanceof HTMLElement &&
      event.target.closest("[role=tablist]") !== null &&
      event.key.startsWith("Arrow")
    )
      return
    if (pressTree(event)) return event.preventDefault()
    if (pressed === undefined) return
    event.preventDefault()
    pressed.run()
  })
