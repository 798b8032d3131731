/**
 * A dragonfly (Kim, Dally, Scott & Abts, ISCA 2008): groups of routers, all joined to all inside a group, and a bundle of
 * links between every two groups, whose ends are dealt over the routers.
 *
 * The shortest way is at most local, global, local. Valiant's routing (1982) goes over a third group, or a third router of
 * the same group: twice the links for any pattern of traffic, where the shortest ways of an adverse pattern all want the
 * same ones.
 */
import type { Dragonfly } from "../../catalog/index.ts"
import { pickWay } from "./hash.ts"
import { spreadOver } from "./spread.ts"
import type { Core, CoreSite, NamedLink, Path, Port } from "./types.ts"

export const makeDragonfly = (site: CoreSite, shape: Dragonfly): Core => {
  const { nodesPerRouter, routersPerGroup: routers, globalLinks, spread = "balanced", flowsPerConnection = 1 } = shape
  const groups = shape.groups ?? Math.max(1, Math.ceil(site.nodes / (routers * nodesPerRouter)))
  const bundled = spread === "balanced"
  const firstGlobal = groups * routers * routers
  const capacities = new Float64Array(firstGlobal + groups * groups * globalLinks)
  capacities.fill((shape.localLinks ?? 1) * site.port, 0, firstGlobal)
  capacities.fill(site.port, firstGlobal)
  const local = (group: number, from: number, to: number): number => (group * routers + from) * routers + to
  const global = (from: number, to: number, link: number): number =>
    firstGlobal + (from * groups + to) * globalLinks + link
  /** The router of a group at the end of a link of the bundle to another: the bundles' links are dealt evenly. */
  const gateway = (group: number, other: number, link: number): number => {
    const slot = ((other - group - 1 + groups) % groups) * globalLinks + link
    return Math.floor((slot * routers) / ((groups - 1) * globalLinks))
  }
  const routerOf = (node: number): number => Math.floor(node / nodesPerRouter)

  /** Pushes the links from a router to a router of another group, over one link of their bundle. */
  const cross = (links: number[], fromGroup: number, from: number, toGroup: number, link: number): number => {
    const out = gateway(fromGroup, toGroup, link)
    if (from !== out) links.push(local(fromGroup, from, out))
    links.push(global(fromGroup, toGroup, link))
    return gateway(toGroup, fromGroup, link)
  }
  const way = (fromRouter: number, toRouter: number, middle: number, link: number): readonly number[] => {
    const [fromGroup, toGroup] = [Math.floor(fromRouter / routers), Math.floor(toRouter / routers)]
    const links: number[] = []
    let at = fromRouter % routers
    let group = fromGroup
    if (middle >= 0) {
      at = cross(links, group, at, middle, link)
      group = middle
    }
    at = cross(links, group, at, toGroup, link)
    if (at !== toRouter % routers) links.push(local(toGroup, at, toRouter % routers))
    return links
  }
  const localWays = (group: number, from: number, to: number): readonly (readonly number[])[] =>
    shape.routing === "valiant" && routers > 2
      ? Array.from({ length: routers }, (_, router) => router)
          .filter((router) => router !== from && router !== to)
          .map((router) => [local(group, from, router), local(group, router, to)])
      : [[local(group, from, to)]]
  const known = new Map<number, readonly (readonly number[])[]>()
  const waysBetween = (fromRouter: number, toRouter: number): readonly (readonly number[])[] => {
    const key = fromRouter * groups * routers + toRouter
    const found = known.get(key)
    if (found !== undefined) return found
    const [fromGroup, toGroup] = [Math.floor(fromRouter / routers), Math.floor(toRouter / routers)]
    const through = Array.from({ length: groups }, (_, group) => group).filter(
      (group) => group !== fromGroup && group !== toGroup
    )
    const middles = shape.routing === "valiant" && through.length > 0 ? through : [-1]
    const all =
      fromGroup === toGroup
        ? localWays(fromGroup, fromRouter % routers, toRouter % routers)
        : middles.flatMap((middle) =>
            Array.from({ length: globalLinks }, (_, link) => way(fromRouter, toRouter, middle, link))
          )
    const ways = all.filter((links) => links.every((id) => (capacities[id] ?? 0) > 0))
    known.set(key, ways)
    return ways
  }

  const route = (from: Port, to: Port): Path | null => {
    const [fromRouter, toRouter] = [routerOf(from.node), routerOf(to.node)]
    if (fromRouter === toRouter) return { links: [], weights: [] }
    const ways = waysBetween(fromRouter, toRouter)
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

  const named = (from: string, to: string): readonly NamedLink[] => {
    const numberIn = (text: string, kind: string, below: number): number => {
      const found = new RegExp(`^${kind} (\\d{1,9})$`).exec(text)?.[1]
      return found !== undefined && Number(found) < below ? Number(found) : -1
    }
    const [a, b] = [numberIn(from, "router", groups * routers), numberIn(to, "router", groups * routers)]
    if (a >= 0 && b >= 0 && a !== b && Math.floor(a / routers) === Math.floor(b / routers))
      return [{ link: local(Math.floor(a / routers), a % routers, b % routers), part: 1 }]
    const [g, h] = [numberIn(from, "group", groups), numberIn(to, "group", groups)]
    if (g < 0 || h < 0 || g === h) return []
    return Array.from({ length: globalLinks }, (_, link) => ({ link: global(g, h, link), part: 1 }))
  }
  return {
    capacities,
    tiers: [
      { tier: "local", first: 0, count: firstGlobal },
      { tier: "global", first: firstGlobal, count: capacities.length - firstGlobal }
    ],
    nameOf: (link) => {
      if (link < firstGlobal) {
        const from = Math.floor(link / routers)
        return `router ${from} -> router ${Math.floor(from / routers) * routers + (link % routers)}`
      }
      const pair = Math.floor((link - firstGlobal) / globalLinks)
      return `group ${Math.floor(pair / groups)} -> group ${pair % groups}`
    },
    named,
    example: groups > 1 ? "group 0 -> group 1" : "router 0 -> router 1",
    route,
    reduce: () => "the routers of a dragonfly do not sum here",
    runsBothWays: false,
    leafOf: routerOf,
    podOf: (node) => Math.floor(routerOf(node) / routers)
  }
}
