/** Everything that a key can do, as data: help and the palette are made from this list. */

export interface Key {
  /** Physical key, so that W is where it is on every layout; or a character for punctuation. */
  readonly code?: string
  readonly key?: string
  readonly ctrl?: boolean
  readonly shift?: boolean
}

export interface Command {
  readonly id: string
  readonly name: string
  readonly group: "Move" | "Select" | "Show" | "Files" | "What if"
  readonly keys: readonly Key[]
  readonly run: () => void
}

const names: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  BracketLeft: "[",
  BracketRight: "]",
  Comma: ",",
  Period: ".",
  Escape: "Esc",
  Enter: "Enter"
}

/** A key as it is shown. */
export const keyName = ({ code, key, ctrl, shift }: Key): string => {
  const plain = key ?? names[code ?? ""] ?? (code ?? "").replace(/^(?:Key|Digit)/, "")
  return [ctrl === true ? "Ctrl" : "", shift === true ? "Shift" : "", plain].filter((part) => part !== "").join("+")
}

interface Pressed {
  readonly code: string
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
}

/** Whether a key was pressed; a character counts as itself whatever Shift it takes. */
export const isPressed = (wanted: Key, pressed: Pressed): boolean => {
  if (pressed.altKey || (wanted.ctrl ?? false) !== (pressed.ctrlKey || pressed.metaKey)) return false
  if (wanted.key !== undefined) return pressed.key === wanted.key
  return pressed.code === wanted.code && (wanted.shift ?? false) === pressed.shiftKey
}

/** The command of a key, or undefined. */
export const commandOf = (commands: readonly Command[], pressed: Pressed): Command | undefined =>
  commands.find(({ keys }) => keys.some((key) => isPressed(key, pressed)))

/** Commands whose name has all words of a text, those that begin with it first. */
export const findCommands = (commands: readonly Command[], text: string): readonly Command[] => {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "")
  const found = commands.filter(({ name, group }) =>
    words.every((word) => `${group} ${name}`.toLowerCase().includes(word))
  )
  const isFirst = ({ name }: Command): number => (name.toLowerCase().startsWith(words[0] ?? "") ? 0 : 1)
  return [...found].sort((a, b) => isFirst(a) - isFirst(b))
}
