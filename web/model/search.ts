/** Searching slices by name. */
import type { Timeline } from "./timeline.ts"

/** Slices whose name contains a text, whatever its case; none for an empty text. */
export const searchSlices = ({ trace, order }: Timeline, text: string): Uint32Array => {
  const wanted = text.trim().toLowerCase()
  if (wanted === "") return new Uint32Array(0)
  const isMatch = Uint8Array.from(trace.names, (name) => (name.toLowerCase().includes(wanted) ? 1 : 0))
  const inTemplate = templatesWith(trace, isMatch)
  const { name, template, start } = trace.slices
  const found = order.filter(
    (slice) => isMatch[name[slice]!] === 1 || (template[slice]! >= 0 && inTemplate[template[slice]!] === 1)
  )
  return found.sort((a, b) => start[a]! - start[b]! || a - b)
}

/** Templates with a matching entry: a kernel is found by the operation that it is part of. */
const templatesWith = ({ templates, templateEntries }: Timeline["trace"], isMatch: Uint8Array): Uint8Array =>
  Uint8Array.from(templates.first, (first, template) => {
    for (let row = first; row < first + templates.count[template]!; row++)
      if (isMatch[templateEntries.name[row]!] === 1) return 1
    return 0
  })
