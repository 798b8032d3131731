/**
 * What may fail in a cluster: how many of each there are in a job, and how many nodes a failure takes away.
 */
import type { Fabric } from "../../cluster/index.ts"

export const componentNames = ["gpu", "hbm", "nic", "switch", "host", "software"] as const
export type ComponentName = (typeof componentNames)[number]

/** Down ports of a leaf switch: half of a radix of 64, as in NVIDIA's DGX H100 SuperPOD reference design. */
const leafPorts = 32

/**
 * Switches of a two-level fat tree of full bisection: a leaf for 32 NICs, and half as many spines. A cluster of one
 * leaf has no spine, a single node no switch.
 */
export const switchCount = ({ network, nodes }: Pick<Fabric, "network" | "nodes">): number => {
  if (network === null || nodes < 2) return 0
  const leaves = Math.ceil((nodes * network.nicsPerNode) / leafPorts)
  return leaves === 1 ? 1 : leaves + Math.ceil(leaves / 2)
}

/**
 * Units of a component that a job depends on. HBM counts once an accelerator (its stacks fail together), software once a
 * job.
 */
export const unitsOf = (component: ComponentName, accelerators: number, fabric: Fabric): number => {
  const nodes = Math.ceil(accelerators / fabric.acceleratorsPerNode)
  const { network } = fabric
  return {
    gpu: accelerators,
    hbm: accelerators,
    nic: nodes * (network?.nicsPerNode ?? 0),
    switch: switchCount({ network, nodes }),
    host: nodes,
    software: 1
  }[component]
}

/** Nodes that have to be replaced after a failure, unless the scenario says otherwise. */
export const nodesLostTo = (component: ComponentName): number =>
  component === "software" || component === "switch" ? 0 : 1
