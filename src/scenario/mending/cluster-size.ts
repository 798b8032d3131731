/** A cluster of another size, in the field that a scenario uses for it. */
import type { Scenario } from "../schema.ts"
import type { Changes } from "./changes.ts"

export const clusterSize =
  (cluster: Scenario["cluster"], acceleratorsPerNode: number) =>
  (accelerators: number): Changes =>
    cluster.accelerators === undefined && accelerators % acceleratorsPerNode === 0
      ? { "cluster.nodes": accelerators / acceleratorsPerNode }
      : { "cluster.accelerators": accelerators }
