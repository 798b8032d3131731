/**
 * The share of requests that met every objective, as it is shown: one that misses 99 of 100 by less than three figures say is shown
 * in as many as it takes, so that nobody reads "only 99.0 %, and 99 of 100 are wanted".
 */
import { formatPercent } from "../units/index.ts"
import type { Column } from "./document.ts"
import { wellServed } from "./study.ts"

export const attainedText = (share: number): string => {
  const usual = formatPercent(share)
  if (share >= wellServed || Number.parseFloat(usual) < 100 * wellServed) return usual
  for (const digits of [2, 3, 4]) {
    const text = (100 * share).toFixed(digits)
    if (Number(text) < 100 * wellServed) return `${text} %`
  }
  return "just below 99 %"
}

export const attainedShare = (name: string): Column => ({ name, unit: "share", show: attainedText })
