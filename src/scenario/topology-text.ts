/**
 * A topology and a placement in a few words.
 */
import type { NetworkTopology } from "../catalog/index.ts"
import type { Scenario } from "./schema.ts"

const waysText = (spread: string | undefined, flows: number | undefined): readonly string[] =>
  spread === "hashed" ? [flows === undefined || flows === 1 ? "hashed" : `hashed, ${flows} flows a connection`] : []

const ratio = (contention: number | undefined): string => `1:${contention ?? 1}`

/** Such as "fat tree, 16 nodes a leaf, 1:4". */
export const topologyText = ({ fatTree, railOptimised, dragonfly, torus }: NetworkTopology): string => {
  if (torus !== undefined) return `torus of ${torus.dimensions.join(" x ")} nodes`
  if (dragonfly !== undefined) {
    const { nodesPerRouter, routersPerGroup, globalLinks, routing, spread, flowsPerConnection } = dragonfly
    return [
      `dragonfly, groups of ${routersPerGroup} x ${nodesPerRouter} nodes`,
      `${globalLinks} links between groups`,
      ...(routing === "valiant" ? ["Valiant"] : []),
      ...waysText(spread, flowsPerConnection)
    ].join(", ")
  }
  if (railOptimised !== undefined) {
    const { nodesPerPod, oversubscription, spread, flowsPerConnection } = railOptimised
    return [
      `rail-optimised, pods of ${nodesPerPod} nodes`,
      ratio(oversubscription),
      ...waysText(spread, flowsPerConnection)
    ].join(", ")
  }
  const {
    nodesPerLeaf,
    leavesPerPod,
    oversubscription = 1,
    spread,
    flowsPerConnection
  } = fatTree ?? { nodesPerLeaf: 1 }
  const [leaf, pod] = typeof oversubscription === "number" ? [oversubscription, 1] : oversubscription
  return [
    `fat tree, ${nodesPerLeaf} nodes a leaf, ${ratio(leaf)}`,
    ...(leavesPerPod === undefined ? [] : [`${leavesPerPod} leaves a pod, ${ratio(pod)}`]),
    ...waysText(spread, flowsPerConnection)
  ].join(", ")
}

/** Such as "round-robin over leaves". */
export const placementText = (placement: Scenario["cluster"]["placement"] = "packed"): string => {
  if (placement === "round-robin") return "round-robin over leaves"
  if (typeof placement === "string") return placement
  if (placement.roundRobin !== undefined) return `round-robin over ${placement.roundRobin}`
  if (placement.random === undefined) return `${placement.listed?.length ?? 0} listed nodes`
  const { among, seed } = placement.random
  return [
    "random",
    ...(among === undefined ? [] : [`among ${among} nodes`]),
    ...(seed === undefined ? [] : [`seed ${seed}`])
  ].join(", ")
}
