/**
 * A torus: nodes as a grid in up to three dimensions, each row closed to a ring; no switches. A node's network cards are
 * shared out evenly over its neighbours, so that one neighbour has 1 / (2 d) of the node's rate in d dimensions, and
 * bytes to farther nodes pass through those between: first along x, then y, then z, the shorter way round; where both
 * ways are as short, half each.
 */
import type { Torus } from "../../catalog/index.ts"
import type { Core, CoreSite, NamedLink, Path, Port } from "./types.ts"

export const makeTorus = (site: CoreSite, { dimensions }: Torus): Core => {
  const sizes = dimensions.filter((size) => size > 1)
  const ways = 2 * sizes.length
  const nodes = sizes.reduce((product, size) => product * size, 1)
  const capacities = new Float64Array(nodes * ways).fill((site.port * site.rails) / Math.max(1, ways))
  const strides = sizes.map((_, axis) => sizes.slice(0, axis).reduce((product, size) => product * size, 1))
  const at = (node: number, axis: number): number => Math.floor(node / (strides[axis] ?? 1)) % (sizes[axis] ?? 1)
  const step = (node: number, axis: number, sign: 1 | -1): number => {
    const size = sizes[axis] ?? 1
    const here = at(node, axis)
    return node + (((here + sign + size) % size) - here) * (strides[axis] ?? 1)
  }
  const link = (node: number, axis: number, sign: 1 | -1): number => node * ways + 2 * axis + (sign === 1 ? 0 : 1)

  const route = (from: Port, to: Port): Path | null => {
    const links: number[] = []
    const weights: number[] = []
    const walk = (start: number, axis: number, sign: 1 | -1, steps: number, weight: number): void => {
      let node = start
      for (let taken = 0; taken < steps; taken++) {
        links.push(link(node, axis, sign))
        weights.push(weight)
        node = step(node, axis, sign)
      }
    }
    let node = from.node
    for (const [axis, size] of sizes.entries()) {
      const ahead = (at(to.node, axis) - at(node, axis) + size) % size
      if (ahead === 0) continue
      if (2 * ahead <= size) walk(node, axis, 1, ahead, 2 * ahead === size ? 0.5 : 1)
      if (2 * ahead >= size) walk(node, axis, -1, size - ahead, 2 * ahead === size ? 0.5 : 1)
      node += (at(to.node, axis) - at(node, axis)) * (strides[axis] ?? 1)
    }
    return links.every((id) => (capacities[id] ?? 0) > 0) ? { links, weights } : null
  }

  const named = (from: string, to: string): readonly NamedLink[] => {
    const numberIn = (text: string): number => {
      const found = /^node (\d{1,9})$/.exec(text)?.[1]
      return found !== undefined && Number(found) < nodes ? Number(found) : -1
    }
    const [a, b] = [numberIn(from), numberIn(to)]
    if (a < 0 || b < 0) return []
    return sizes.flatMap((_, axis) =>
      ([1, -1] as const).flatMap((sign) => (step(a, axis, sign) === b ? [{ link: link(a, axis, sign), part: 1 }] : []))
    )
  }
  const [row = 1, column = 1] = sizes
  return {
    capacities,
    tiers: ways === 0 ? [] : [{ tier: "torus", first: 0, count: capacities.length }],
    nameOf: (id) => {
      const node = Math.floor(id / ways)
      const axis = Math.floor((id % ways) / 2)
      return `node ${node} -> node ${step(node, axis, id % 2 === 0 ? 1 : -1)}`
    },
    named,
    example: "node 0 -> node 1",
    route,
    reduce: () => "a torus has no switches that could sum",
    runsBothWays: true,
    leafOf: (node) => Math.floor(node / row),
    podOf: (node) => Math.floor(node / (row * column))
  }
}
