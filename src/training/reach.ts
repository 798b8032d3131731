/**
 * Which links of a core its traffic can fill at all: what the network cards on either side carry bounds what comes by.
 */
import type { Path } from "../cluster/index.ts"

export interface Reach {
  /** Notes a way between two scale-up domains; -1 where switches send what they have summed. */
  readonly add: (path: Path, from: number, to: number) => void
  /** Links that domains with cards of so many bytes/s could put more on than they carry, in order. */
  readonly binding: (capacities: Float64Array, card: number) => readonly number[]
}

interface Way {
  readonly path: Path
  readonly from: number
  readonly to: number
}

/** By link, the sum over domains of the largest share of its bytes that the domain puts there. */
const sharesOf = (ways: readonly Way[], sideOf: (way: Way) => number, links: number): Float64Array => {
  const sum = new Float64Array(links)
  const most = new Float64Array(links)
  for (const own of Map.groupBy(ways, sideOf).values()) {
    const touched: number[] = []
    for (const { path } of own)
      for (let index = 0; index < path.links.length; index++) {
        const link = path.links[index] ?? 0
        const share = path.weights[index] ?? 1
        if (most[link] === 0) touched.push(link)
        if (share > (most[link] ?? 0)) most[link] = share
      }
    for (const link of touched) {
      sum[link] = (sum[link] ?? 0) + (most[link] ?? 0)
      most[link] = 0
    }
  }
  return sum
}

export const makeReach = (): Reach => {
  const ways: Way[] = []
  const summed = new Set<number>()
  return {
    add: (path, from, to) => {
      if (from < 0) for (const link of path.links) summed.add(link)
      else if (path.links.length > 0) ways.push({ path, from, to })
    },
    binding: (capacities, card) => {
      const sources = sharesOf(ways, ({ from }) => from, capacities.length)
      const targets = sharesOf(ways, ({ to }) => to, capacities.length)
      const found: number[] = []
      for (let link = 0; link < capacities.length; link++) {
        const most = card * Math.min(sources[link] ?? 0, targets[link] ?? 0)
        if (summed.has(link) || most > (capacities[link] ?? 0) * (1 + 1e-9)) found.push(link)
      }
      return found
    }
  }
}
