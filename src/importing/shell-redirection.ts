/**
 * Where a command's text goes to, and texts that a script carries: `> file`, `<<EOF`, `tee file`.
 */

interface Redirection {
  readonly end: number
  /** The file that is written. */
  readonly file?: string
  /** A text that begins on the next line. */
  readonly document?: HereDocument
}

export interface HereDocument {
  /** The line that ends it. */
  readonly until: string
  /** Quoted: its variables stay as they are. */
  readonly isLiteral: boolean
}

export const redirectionAt = (text: string, at: number): Redirection => {
  const here = text.slice(at, at + 4096)
  const [document, quote, until] = /^<<-?[ \t]*(['"]?)([\w.-]+)\1/.exec(here) ?? []
  if (document !== undefined && until !== undefined)
    return { end: at + document.length, document: { until, isLiteral: quote !== "" } }
  const [whole = ">", sign, double, single, bare] =
    /^([<>]{1,3})&?[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^\s;&|<>"']+))?/.exec(here) ?? []
  const file = double ?? single ?? bare
  const end = at + whole.length
  return sign?.startsWith(">") === true && file !== undefined ? { end, file } : { end }
}

/** `tee file <<EOF` writes as well. */
export const teeFile = (words: readonly string[]): string | undefined =>
  words.includes("tee") ? words.slice(words.indexOf("tee") + 1).find((word) => !word.startsWith("-")) : undefined

/** The lines of a text to the one that ends it. */
export const documentAt = (
  text: string,
  at: number,
  until: string
): { readonly value: string; readonly end: number } => {
  const lines: string[] = []
  let next = at
  while (next < text.length) {
    const stop = text.indexOf("\n", next)
    const line = text.slice(next, stop < 0 ? text.length : stop).replace(/\r$/, "")
    next = stop < 0 ? text.length : stop + 1
    if (line.trim() === until) break
    lines.push(line)
  }
  return { value: lines.join("\n"), end: next }
}
