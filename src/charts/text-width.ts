/**
 * How wide a text is, without a browser to ask: mean widths of characters of the usual sans-serif faces, in em.
 */
import { clipped } from "./svg.ts"

const narrow = new Set("iljtfrI.,:;'|!()[]/ -·")
const wide = new Set("mwMW%@")

/** Width in pixels at a font size; rather too wide than too narrow, as faces differ by some 10 %. */
export const textWidth = (text: string, size = 12): number => {
  let em = 0
  for (const character of text) {
    if (narrow.has(character)) em += 0.33
    else if (wide.has(character)) em += 0.88
    else if (/[A-Z]/.test(character)) em += 0.68
    else if (/[0-9]/.test(character)) em += 0.64
    else em += 0.57
  }
  return em * size
}

/** Stands for a blank inside of a word while words are told apart. */
const joint = "\u2060"

/** A number and its unit are one word: "99 %", "49.4 ms", "31 requests/s". */
const unitsJoined = (text: string): string =>
  text.replaceAll(/(?<=\d) (?=(?:%|[num]?s|us|h|days|[kMGTP]?B|[kMG]?W|[a-z]+\/s)(?:[\s.,;:)]|$))/g, joint)

/**
 * The text in lines of at most a width; a word that is wider has a line to itself, and a number stays with its unit.
 */
export const linesOf = (text: string, width: number, size = 12): readonly string[] => {
  const lines: string[] = []
  let line = ""
  for (const joined of unitsJoined(clipped(text)).split(/\s+/)) {
    const word = joined.replaceAll(joint, " ")
    const longer = line === "" ? word : `${line} ${word}`
    if (line !== "" && textWidth(longer, size) > width) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return [...lines, line]
}

/** The text cut to a width. */
export const fitted = (text: string, width: number, size = 12): string => {
  // No letter is narrower than a third of its size: what is longer than that cannot fit, and may be megabytes.
  const most = Math.max(0, Math.ceil(width / (0.33 * size)))
  if (text.length <= most && textWidth(text, size) <= width) return text
  const characters = Array.from(text.slice(0, most))
  while (characters.length > 0 && textWidth(`${characters.join("")}...`, size) > width) characters.pop()
  return `${characters.join("")}...`
}
