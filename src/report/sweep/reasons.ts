/**
 * Why points have no numbers: reasons that differ in their numbers alone are one, with the range of these.
 */
import type { SweptPoint } from "./points.ts"

export interface Reason {
  readonly standing: string
  readonly text: string
  readonly points: number
}

/** "91.3", "1,024", "0.5": a number as reasons write them, not a digit of a name such as h100. */
const number = /(?<![\w.-])\d[\d,]*(?:\.\d+)?(?![\w-])/g

export const reasonsOf = (points: readonly SweptPoint[]): readonly Reason[] => {
  const groups = new Map<string, { readonly standing: string; readonly texts: string[] }>()
  for (const { standing, reason } of points) {
    if (reason === null) continue
    const key = `${standing}: ${reason.replaceAll(number, "#")}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { standing, texts: [reason] })
    else group.texts.push(reason)
  }
  return [...groups.values()]
    .map(({ standing, texts }) => ({ standing, text: merged(texts), points: texts.length }))
    .toSorted((a, b) => b.points - a.points)
}

/** One text for texts alike: "needs 91.3 to 106.7 GB of 80.0 GB". */
const merged = (texts: readonly string[]): string => {
  const numbers = texts.map((text) => text.match(number) ?? [])
  let place = -1
  return (texts[0] ?? "").replaceAll(number, (own) => {
    place++
    const sorted = [...new Set(numbers.map((found) => found[place] ?? own))].toSorted((a, b) => worth(a) - worth(b))
    const [least, most] = [sorted[0] ?? own, sorted.at(-1) ?? own]
    return least === most ? least : `${least} to ${most}`
  })
}

const worth = (text: string): number => Number(text.replaceAll(",", ""))
