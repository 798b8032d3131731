/**
 * Which of many links can hold flows up: not those that all flows together cannot fill; and a link that carries the same
 * flows as another, none of them more for its rate, is never full before that one.
 */
import type { Path } from "../cluster/index.ts"

/** A flow of a cast: its load by link, the most bytes/s that it takes, and the flows that it never runs beside. */
export interface CastFlow {
  readonly loads: Path
  readonly rate: number
  /** Flows of one turn run one after another. */
  readonly turn: string
}

/** What each flow puts on a link, over the link's rate: by flow, ascending. */
interface Column {
  readonly link: number
  readonly flows: readonly number[]
  readonly shares: readonly number[]
}

/** Links beyond which only those are kept that some two flows fill first. */
const most = 2000

const isBelow = (column: Column, other: Column): boolean =>
  column.shares.every((share, index) => share <= (other.shares[index] ?? 0) * (1 + 1e-12))

/** Bytes/s that the flows could want of each link. */
const demandOf = (flows: readonly CastFlow[]): ReadonlyMap<number, number> => {
  const demand = new Map<number, number>()
  for (const turn of Map.groupBy(flows, ({ turn: name }) => name).values()) {
    const wanted = new Map<number, number>()
    for (const { loads, rate } of turn)
      for (const [index, link] of loads.links.entries())
        wanted.set(link, Math.max(wanted.get(link) ?? 0, (loads.weights[index] ?? 1) * rate))
    for (const [link, rate] of wanted) demand.set(link, (demand.get(link) ?? 0) + rate)
  }
  return demand
}

/** The links that matter, in order. */
export const essentialLinks = (
  links: readonly number[],
  capacities: Float64Array,
  flows: readonly CastFlow[]
): readonly number[] => {
  const demand = demandOf(flows)
  const columns = new Map<number, { flows: number[]; shares: number[] }>(
    links
      .filter((link) => (demand.get(link) ?? 0) > (capacities[link] ?? 0) * (1 + 1e-9))
      .map((link) => [link, { flows: [], shares: [] }])
  )
  for (const [index, { loads }] of flows.entries())
    for (const [at, link] of loads.links.entries()) {
      const column = columns.get(link)
      column?.flows.push(index)
      column?.shares.push((loads.weights[at] ?? 1) / (capacities[link] ?? 1))
    }
  const used = [...columns].flatMap(([link, column]) => (column.flows.length === 0 ? [] : [{ link, ...column }]))
  const kept: number[] = []
  for (const alike of Map.groupBy(used, ({ flows: on }) => on.join()).values()) {
    const total = ({ shares }: Column): number => shares.reduce((sum, share) => sum + share, 0)
    const front: Column[] = []
    // A link below another has the smaller sum, so the others come first.
    for (const column of alike.toSorted((a, b) => total(b) - total(a)))
      if (!front.some((other) => isBelow(column, other))) front.push(column)
    kept.push(...front.map(({ link }) => link))
  }
  return (kept.length <= most ? kept : extremes(kept, used, flows)).toSorted((a, b) => a - b)
}

/** For every flow, and every two flows, the link that they fill first. */
const extremes = (kept: readonly number[], used: readonly Column[], flows: readonly CastFlow[]): readonly number[] => {
  const among = new Set(kept)
  const first = new Map<number, { readonly link: number; readonly share: number }>()
  for (const { link, flows: on, shares } of used) {
    if (!among.has(link)) continue
    const wanted = on.map((flow, index) => (shares[index] ?? 0) * (flows[flow]?.rate ?? 0))
    for (const [index, one] of on.entries())
      for (let other = index; other < on.length; other++) {
        const pair = one * flows.length + (on[other] ?? 0)
        const share = (wanted[index] ?? 0) + (other === index ? 0 : (wanted[other] ?? 0))
        if (share > (first.get(pair)?.share ?? 0)) first.set(pair, { link, share })
      }
  }
  return [...new Set([...first.values()].map(({ link }) => link))]
}
