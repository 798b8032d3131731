/**
 * Leaves and spines in two levels, or leaves, spines of a pod and cores in three (a folded Clos; Leiserson 1985; Al-Fares,
 * Loukissas & Vahdat, SIGCOMM 2008).
 *
 * A leaf has one uplink to each spine of its pod, a spine one to each core of its own plane. Where routing adapts, the
 * uplinks of a switch stay equally full and count as one trunk; where a hash picks an uplink for each flow, each is a
 * link of its own and flows collide.
 */
import type { Spread } from "../../catalog/index.ts"
import { pickWay } from "./hash.ts"
import { spreadOver } from "./spread.ts"
import type { Core, CoreSite, CoreTier, NamedLink, Path, Port } from "./types.ts"

export interface LeafSpine {
  readonly leaves: number
  readonly leavesPerPod: number
  readonly spines: number
  /** Cores above each spine; 0 in two levels. */
  readonly cores: number
  /** Attainable bytes/s of all uplinks of a leaf, and of a pod. */
  readonly leafUp: number
  readonly podUp: number
  readonly spread: Spread
  readonly flowsPerConnection: number
  readonly leafOf: (port: Port) => number
  /** Leaf, and pod, for the placement of nodes. */
  readonly nodeLeaf: (node: number) => number
  readonly nodePod: (node: number) => number
}

const empty: Path = { links: [], weights: [] }

/** The ids of the links, by the switches that they join; in trunks every uplink of a switch is one link. */
const numbering = ({ leaves, leavesPerPod, spines, cores, spread }: LeafSpine) => {
  const pods = Math.ceil(leaves / leavesPerPod)
  const bundled = spread === "balanced"
  const ways = bundled ? 1 : spines
  const tops = bundled ? 1 : spines * cores
  const up = 0
  const down = leaves * ways
  const podUp = 2 * down
  const podDown = podUp + (cores === 0 ? 0 : pods * tops)
  return {
    pods,
    ways,
    tops,
    podUp,
    total: podDown + (podDown - podUp),
    leafUp: (leaf: number, spine: number) => up + leaf * ways + (bundled ? 0 : spine),
    leafDown: (leaf: number, spine: number) => down + leaf * ways + (bundled ? 0 : spine),
    spineUp: (pod: number, way: number) => podUp + pod * tops + (bundled ? 0 : way),
    spineDown: (pod: number, way: number) => podDown + pod * tops + (bundled ? 0 : way)
  }
}

export const makeLeafSpine = (site: CoreSite, shape: LeafSpine): Core => {
  const { leaves, leavesPerPod, spines, cores, spread, flowsPerConnection } = shape
  const ids = numbering(shape)
  const bundled = spread === "balanced"
  const capacities = new Float64Array(ids.total)
  capacities.fill(shape.leafUp / ids.ways, 0, ids.podUp)
  capacities.fill(shape.podUp / Math.max(1, ids.tops), ids.podUp)
  const podOfLeaf = (leaf: number): number => Math.floor(leaf / leavesPerPod)
  const isUp = (link: number): boolean => (capacities[link] ?? 0) > 0
  const plane = Math.max(1, cores)

  /** Links of one way between two leaves; way w goes over spine floor(w / cores) and its core w mod cores. */
  const way = (from: number, to: number, index: number): readonly number[] => {
    const spine = Math.floor(index / plane)
    const [fromPod, toPod] = [podOfLeaf(from), podOfLeaf(to)]
    return fromPod === toPod
      ? [ids.leafUp(from, spine), ids.leafDown(to, spine)]
      : [ids.leafUp(from, spine), ids.spineUp(fromPod, index), ids.spineDown(toPod, index), ids.leafDown(to, spine)]
  }
  /** The ways that no missing link closes. */
  const openWays = (from: number, to: number): readonly (readonly number[])[] => {
    const step = podOfLeaf(from) === podOfLeaf(to) ? plane : 1
    const found: (readonly number[])[] = []
    for (let index = 0; index < (bundled ? 1 : spines * plane); index += step) {
      const links = way(from, to, index)
      if (links.every(isUp)) found.push(links)
    }
    return found
  }
  const known = new Map<number, readonly (readonly number[])[]>()
  const waysBetween = (from: number, to: number): readonly (readonly number[])[] => {
    const key = from * leaves + to
    const found = known.get(key) ?? openWays(from, to)
    known.set(key, found)
    return found
  }

  const route = (from: Port, to: Port): Path | null => {
    const [fromLeaf, toLeaf] = [shape.leafOf(from), shape.leafOf(to)]
    if (fromLeaf === toLeaf) return empty
    const ways = waysBetween(fromLeaf, toLeaf)
    if (ways.length === 0) return null
    if (bundled) return spreadOver(ways)
    const [source, target] = [from.node * site.rails + from.rail, to.node * site.rails + to.rail]
    return spreadOver(
      Array.from(
        { length: flowsPerConnection },
        (_, flow) => ways[pickWay(ways.length, site.seed, source, target, flow)] ?? []
      )
    )
  }

  /** The switches sum what comes from below, so that each uplink of the tree carries the buffer once, up and down. */
  const reduce = (ports: readonly Port[]): Path | string => {
    const links: number[] = []
    const byRail = Map.groupBy(ports, (port) => port.rail)
    for (const [rail, members] of byRail) {
      const touched = [...new Set(members.map(shape.leafOf))]
      if (touched.length < 2) continue
      const pods = [...new Set(touched.map(podOfLeaf))]
      const index = bundled ? 0 : pickWay(spines * plane, site.seed, rail, touched[0] ?? 0, touched.length)
      const spine = Math.floor(index / plane)
      for (const leaf of touched) links.push(ids.leafUp(leaf, spine), ids.leafDown(leaf, spine))
      if (pods.length > 1) for (const pod of pods) links.push(ids.spineUp(pod, index), ids.spineDown(pod, index))
    }
    if (!links.every(isUp)) return "a link of its tree of switches is missing"
    return { links, weights: links.map(() => 1 / byRail.size) }
  }

  const tiers: { tier: CoreTier; first: number; count: number }[] = [
    { tier: "leaf-spine", first: 0, count: ids.podUp },
    ...(cores === 0 ? [] : [{ tier: "spine-core" as const, first: ids.podUp, count: ids.total - ids.podUp }])
  ]
  return {
    capacities,
    tiers,
    ...names(shape, ids),
    route,
    reduce,
    runsBothWays: false,
    leafOf: shape.nodeLeaf,
    podOf: shape.nodePod
  }
}

/** Spines are numbered through over the pods, cores over the planes of the spines. */
const names = (
  { leaves, leavesPerPod, spines, cores, spread }: LeafSpine,
  ids: ReturnType<typeof numbering>
): Pick<Core, "nameOf" | "named" | "example"> => {
  const bundled = spread === "balanced"
  const podSpine = (pod: number, spine: number): string => `spine ${pod * spines + spine}`
  const numberIn = (text: string, kind: string, below: number): number => {
    const found = new RegExp(`^${kind} (\\d{1,9})$`).exec(text)?.[1]
    return found !== undefined && Number(found) < below ? Number(found) : -1
  }
  const named = (from: string, to: string): readonly NamedLink[] => {
    for (const [below, above, isUp] of [
      [from, to, true],
      [to, from, false]
    ] as const) {
      const leaf = numberIn(below, "leaf", leaves)
      const spine = numberIn(above, "spine", ids.pods * spines)
      if (leaf >= 0 && Math.floor(leaf / leavesPerPod) === Math.floor(spine / spines) && spine >= 0)
        return [{ link: (isUp ? ids.leafUp : ids.leafDown)(leaf, spine % spines), part: bundled ? 1 / spines : 1 }]
      const lower = numberIn(below, "spine", ids.pods * spines)
      const core = numberIn(above, "core", spines * cores)
      if (lower >= 0 && core >= 0 && Math.floor(core / cores) === lower % spines)
        return [
          {
            link: (isUp ? ids.spineUp : ids.spineDown)(Math.floor(lower / spines), core),
            part: bundled ? 1 / (spines * cores) : 1
          }
        ]
    }
    return []
  }
  const nameOf = (link: number): string => {
    if (link < ids.podUp) {
      const isUp = link < leaves * ids.ways
      const at = isUp ? link : link - leaves * ids.ways
      const leaf = Math.floor(at / ids.ways)
      const above = bundled ? "spines" : podSpine(Math.floor(leaf / leavesPerPod), at % ids.ways)
      return isUp ? `leaf ${leaf} -> ${above}` : `${above} -> leaf ${leaf}`
    }
    const half = (ids.total - ids.podUp) / 2
    const isUp = link - ids.podUp < half
    const at = (link - ids.podUp) % half
    const pod = Math.floor(at / ids.tops)
    if (bundled) return isUp ? `pod ${pod} -> cores` : `cores -> pod ${pod}`
    const core = at % ids.tops
    const below = podSpine(pod, Math.floor(core / cores))
    return isUp ? `${below} -> core ${core}` : `core ${core} -> ${below}`
  }
  return { nameOf, named, example: "leaf 0 -> spine 0" }
}
