/**
 * Machines of several kinds in one cluster.
 */
import type { Accelerator } from "../../catalog/index.ts"
import type { Fabric } from "../../cluster/index.ts"

/** Nodes of one kind. */
export interface MachineGroup {
  readonly title: string
  readonly accelerator: Accelerator
  /** Its wires; nodes and domains are numbered through the whole cluster. */
  readonly fabric: Fabric
  readonly accelerators: number
  /** Power of a node besides its accelerators. */
  readonly nodeWatts: number
  /** Rent of one accelerator where it differs from the job's. */
  readonly perAcceleratorHour?: number
}
