/**
 * A ring collective as flows on a topology: one flow per edge of each ring, all of them at work from start to end,
 * because a ring pipelines its chunks.
 */
import type { CollectiveKind } from "./algorithms.ts"
import { ringShare } from "./algorithms.ts"
import { ImpossibleCollective } from "./impossible.ts"
import type { Topology } from "./topology.ts"
import { path } from "./topology.ts"

export interface RingFlow {
  readonly from: number
  readonly to: number
  /** Bytes that this edge carries for the whole collective. */
  readonly bytes: number
  readonly links: readonly number[]
  /** Share of the bytes on each link. */
  readonly weights: readonly number[]
}

/**
 * Flows of a ring collective over these ranks. There is one ring for each rail that every domain of the group can
 * reach, entered and left on that rail, so that all NICs of a domain work at once; one ring inside a single domain.
 */
export const compileRing = (
  topology: Topology,
  kind: CollectiveKind,
  bytes: number,
  ranks: readonly number[]
): readonly RingFlow[] => {
  const { fabric, railOf } = topology
  const domains = new Map<number, number[]>()
  for (const rank of ranks) {
    const domain = Math.floor(rank / fabric.scaleUp.domain)
    const members = domains.get(domain)
    if (members === undefined) domains.set(domain, [rank])
    else members.push(rank)
  }
  const blocks = [...domains.values()]
  const rings = blocks.length === 1 ? 1 : Math.min(...blocks.map((block) => new Set(block.map((r) => railOf[r])).size))
  const moved = (bytes * ringShare(kind, ranks.length)) / rings
  const flows: RingFlow[] = []
  for (let ring = 0; ring < rings; ring++) {
    const order = blocks.flatMap((block) => {
      const start = Math.floor((ring * block.length) / rings)
      return block.slice(start).concat(block.slice(0, start))
    })
    for (const [index, from] of order.entries()) {
      const to = order[(index + 1) % order.length] ?? from
      if (from === to) continue
      const way = path(topology, from, to)
      if (way === null) throw new ImpossibleCollective(kind, `no wire joins ranks ${from} and ${to}`)
      flows.push({ from, to, bytes: moved, ...way })
    }
  }
  return flows
}
