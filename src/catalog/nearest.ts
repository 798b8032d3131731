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

/** Whether a name of four letters or more stands in what was written, such as "llama370b" in "llama370binstruct". */
const holds = (written: string, spelled: string): boolean =>
  spelled.length >= 4 &&
  spelled.length < written.length &&
  editDistance(spelled, written, true) <= allowed(spelled.length) / 2

/** Whether two words have their first half, and four letters at least, in common. */
const beginsAlike = (written: string, spelled: string): boolean => {
  const needed = Math.max(4, Math.ceil(Math.min(written.length, spelled.length) / 2))
  return written.length >= needed && written.slice(0, needed) === spelled.slice(0, needed)
}

/** Wrong letters that a word of this length may have: more make it another word. */
const allowed = (length: number): number => Math.floor(length / 3)

/**
 * Up to `count` candidates close to a name by edit distance, closest first: parts of a name count as near it, and a name
 * inside of what was written. None where nothing is spelled alike.
 */
export const nearestNames = (name: string, candidates: readonly string[], count = 3): readonly string[] => {
  const written = letters(name)
  return candidates
    .map((candidate) => {
      const spelled = letters(candidate)
      const part = editDistance(written, spelled, true)
      const isPart = part <= allowed(written.length) || holds(written, spelled) || beginsAlike(written, spelled)
      return { candidate, part, whole: editDistance(written, spelled, false), isNear: written !== "" && isPart }
    })
    .filter(({ whole, isNear }) => isNear || whole <= 1)
    .sort((a, b) => a.part - b.part || a.whole - b.whole)
    .slice(0, count)
    .map(({ candidate }) => candidate)
}
