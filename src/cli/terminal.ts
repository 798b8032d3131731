/**
 * Marks on a terminal: colour only where it helps, and only where someone sees it.
 */

export interface Terminal {
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly faint: (text: string) => string
}

const plain: Terminal = { good: (text) => text, bad: (text) => text, faint: (text) => text }

const wrap = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`

const coloured: Terminal = { good: wrap(32), bad: wrap(31), faint: wrap(2) }

/** Colours on a terminal, unless NO_COLOR is set (no-color.org). */
export const terminalOf = (
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>
): Terminal => (stream.isTTY === true && (environment["NO_COLOR"] ?? "") === "" ? coloured : plain)

export const terminal: Terminal = terminalOf(process.stdout, process.env)
