/**
 * Lowers the rates of the links that a scenario names.
 */
import type { Core, DegradedLink } from "./types.ts"

/** A link that a scenario names and the network has not. */
export interface UnknownLink {
  readonly index: number
  readonly field: "link" | "tier" | "index"
  readonly expected: string
}

interface Target {
  readonly link: number
  readonly part: number
}

/** The links that one entry means, or what is wrong with it. */
const targetsOf = (core: Core, entry: DegradedLink, index: number): readonly Target[] | UnknownLink => {
  if (entry.link !== undefined) {
    const [, from = "", arrow = "", to = ""] = /^\s*(.+?)\s*(<->|->)\s*(.+?)\s*$/.exec(entry.link) ?? []
    const found = [...core.named(from, to), ...(arrow === "<->" ? core.named(to, from) : [])]
    return found.length > 0
      ? found
      : { index, field: "link", expected: `a link of this network, such as "${core.example}"` }
  }
  const tier = core.tiers.find((candidate) => candidate.tier === entry.tier)
  if (tier === undefined)
    return {
      index,
      field: "tier",
      expected: `a tier of this network: ${core.tiers.map((candidate) => candidate.tier).join(", ")}`
    }
  if (entry.index === undefined)
    return Array.from({ length: tier.count }, (_, offset) => ({ link: tier.first + offset, part: 1 }))
  return entry.index < tier.count
    ? [{ link: tier.first + entry.index, part: 1 }]
    : { index, field: "index", expected: `a whole number from 0 to ${tier.count - 1}` }
}

/** Lowers capacities in place; the first entry that means no link is told instead. */
export const degrade = (core: Core, degraded: readonly DegradedLink[]): UnknownLink | undefined => {
  const { capacities } = core
  const whole = Float64Array.from(capacities)
  for (const [index, entry] of degraded.entries()) {
    const targets = targetsOf(core, entry, index)
    if ("field" in targets) return targets
    for (const { link, part } of targets) {
      const lost = (whole[link] ?? 0) * part * (1 - entry.rate)
      capacities[link] = Math.max(0, (capacities[link] ?? 0) - lost)
    }
  }
  return undefined
}
