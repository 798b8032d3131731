/**
 * The names closest to one that was mistyped.
 */

/** Letters that decide: case, hyphens, dots, underscores and spaces do not. */
const letters = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "")

/**
 * Levenshtein distance between `written` and `name`, or with `inside` to the closest part of `name`: a short form such
 * as "4090" is at distance 0 from "rtx4090".
 */
const editDistance = (written: string, name: string, inside: boolean): number => {
  let previous = Array.from({ length: name.length + 1 }, (_, column) => (inside ? 0 : column))
  for (let row = 1; row <= written.length; row++) {
    const current = [row]
    for (let column = 1; column <= name.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (written[row - 1] === name[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return inside ? Math.min(...previous) : (previous.at(-1) ?? 0)
}

/** Up to `count` candidates closest to a name by edit distance, closest first: parts of a name count as near it. */
export const nearestNames = (name: string, candidates: readonly string[], count = 3): readonly string[] => {
  const written = letters(name)
  return candidates
    .map((candidate) => {
      const spelled = letters(candidate)
      return { candidate, part: editDistance(written, spelled, true), whole: editDistance(written, spelled, false) }
    })
    .sort((a, b) => a.part - b.part || a.whole - b.whole)
    .slice(0, count)
    .map(({ candidate }) => candidate)
}
