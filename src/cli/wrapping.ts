/**
 * Text in lines of a terminal's width.
 */

/** Columns that everything keeps within. */
export const columns = 80

/** Parts joined into lines of at most `width` columns; a part is never divided. */
export const wrapped = (parts: readonly string[], separator: string, width: number = columns): readonly string[] => {
  const lines: string[] = []
  for (const part of parts) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + separator.length + part.length <= width)
      lines[lines.length - 1] = last + separator + part
    else lines.push(part)
  }
  return lines
}

/** Words in lines of at most `width` columns. */
export const paragraph = (text: string, width: number): readonly string[] => wrapped(text.split(" "), " ", width)

/** A label before the first line of a text, the others below it: "flag     what it does". */
export const hanging = (label: string, text: string, indent: number): readonly string[] => {
  const lines = paragraph(text, columns - indent)
  const [first = "", ...rest] = label.length < indent ? lines : ["", ...lines]
  return [`${label.padEnd(indent)}${first}`.trimEnd(), ...rest.map((line) => `${" ".repeat(indent)}${line}`)]
}
