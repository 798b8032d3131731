/**
 * The machines of an imported server: those that the user names, or the smallest usual ones that its weights fit on.
 */
import { find, isUnknownName, type System } from "../catalog/index.ts"

/** Usual servers from small to large memory; without tensor parallelism cards over PCIe do as well. */
const overPcie = "l40s-8x-pcie"
const overNvlink = ["dgx-h100", "dgx-h200", "dgx-b200", "dgx-b300"] as const

/** Systems to try, smallest first. */
export const candidates = (tensor: number): readonly System[] =>
  [...(tensor === 1 ? [overPcie] : []), ...overNvlink].flatMap((name) => {
    const system = find("systems", name)
    return isUnknownName(system) ? [] : [system]
  })

export interface WantedMachines {
  /** Accelerators that the server's ranks take. */
  readonly ranks: number
  /** Nodes that the user asks for: the server is copied onto all of them. */
  readonly nodes: number | undefined
}

/** A scenario's `cluster`. */
export const clusterOf = (system: System, { ranks, nodes }: WantedMachines): Readonly<Record<string, unknown>> => ({
  system: system.name,
  ...(nodes === undefined ? { accelerators: ranks } : { nodes })
})

/** Memory of one accelerator, bytes. */
export const memoryOf = (system: System): number => {
  const accelerator = find("accelerators", system.accelerator)
  return isUnknownName(accelerator) ? 0 : accelerator.memory.bytes
}
