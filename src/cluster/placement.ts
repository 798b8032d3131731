/**
 * Which nodes of the machine room a job gets, and in which order its ranks fill them.
 *
 * Nodes of one scale-up domain (the 18 trays of an NVL72) stay together: they are placed as one.
 */
import { randomStream } from "../random/index.ts"
import type { Core } from "./core/types.ts"
import type { Fabric } from "./fabric.ts"

export type Placement =
  | { readonly kind: "packed" }
  /** Node after node from the next leaf (or pod) in turn. */
  | { readonly kind: "round-robin"; readonly over: "leaves" | "pods" }
  /** By lot among so many nodes. */
  | { readonly kind: "random"; readonly seed: number; readonly among: number }
  | { readonly kind: "listed"; readonly nodes: readonly number[] }

/** Nodes of a scale-up domain; 1 where it lies inside of a node. */
export const nodesPerIsland = ({ scaleUp: { domain }, acceleratorsPerNode }: Fabric): number =>
  Math.max(1, Math.floor(domain / acceleratorsPerNode))

/** Deals islands over switches in turn; each switch gives its islands in order. */
const dealt = (islands: readonly number[], switchOf: (island: number) => number): readonly number[] => {
  const stacks = [...Map.groupBy(islands, switchOf).values()]
  const order: number[] = []
  for (let turn = 0; order.length < islands.length; turn++)
    for (const stack of stacks) {
      const island = stack[turn]
      if (island !== undefined) order.push(island)
    }
  return order
}

/** Fisher and Yates' shuffle, of which the first `count` are taken. */
const drawn = (count: number, among: number, seed: number): readonly number[] => {
  const draw = randomStream(seed, "placement of nodes")
  const islands = Array.from({ length: among }, (_, island) => island)
  for (let index = 0; index < count; index++) {
    const other = index + Math.floor(draw() * (among - index))
    const [a = 0, b = 0] = [islands[index], islands[other]]
    islands[index] = b
    islands[other] = a
  }
  return islands.slice(0, count)
}

/**
 * The machine-room node of each node of a job, by placement.
 *
 * @param core of the whole network, for the switches that nodes hang on
 */
export const placedNodes = (
  fabric: Fabric,
  core: Pick<Core, "leafOf" | "podOf">,
  placement: Placement
): readonly number[] => {
  if (placement.kind === "listed") return placement.nodes
  const size = nodesPerIsland(fabric)
  const count = Math.ceil(fabric.nodes / size)
  const first = Array.from({ length: count }, (_, island) => island)
  const islands =
    placement.kind === "packed"
      ? first
      : placement.kind === "random"
        ? drawn(count, Math.max(count, Math.floor(placement.among / size)), placement.seed)
        : dealt(first, (island) => (placement.over === "leaves" ? core.leafOf : core.podOf)(island * size))
  return islands
    .flatMap((island) => Array.from({ length: size }, (_, node) => island * size + node))
    .slice(0, fabric.nodes)
}
