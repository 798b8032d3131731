/**
 * The cluster that a script runs on: the one that the user names, the one whose partition it asks for, else an assumed one.
 */
import { find, isUnknownName, systems, type System } from "../../catalog/index.ts"
import { refuse, type RefusedImport } from "../refusal.ts"
import { assumed, type TrainingRemark } from "./remarks.ts"
import type { SaidMachines } from "./said.ts"

export interface TrainingMachines {
  readonly cluster: Readonly<Record<string, unknown>>
  readonly system: System
  readonly remarks: readonly TrainingRemark[]
}

/** Partitions of Jean Zay (IDRIS, documentation of its Slurm partitions). */
const partitions: Readonly<Record<string, string>> = {
  gpu_p13: "jean-zay-v100-quad",
  gpu_p5: "jean-zay-a100",
  gpu_p6: "jean-zay-h100",
  luna: "selene"
}

/** Usual systems by an accelerator's name in a partition, a constraint or a generic resource. */
const byAccelerator: readonly (readonly [RegExp, string])[] = [
  [/gb300/i, "gb300-nvl72"],
  [/gb200/i, "gb200-nvl72"],
  [/b300/i, "dgx-b300"],
  [/b200/i, "dgx-b200"],
  [/gh200/i, "gh200-node"],
  [/h200/i, "dgx-h200"],
  [/h100/i, "dgx-h100"],
  [/h800/i, "hgx-h800"],
  [/a100/i, "dgx-a100"],
  [/v100/i, "dgx-1v"],
  [/mi355/i, "mi355x-8x"],
  [/mi325/i, "mi325x-8x"],
  [/mi300/i, "mi300x-8x"],
  [/mi250/i, "mi250x-frontier"],
  [/l40s/i, "l40s-8x-pcie"]
]

interface Chosen {
  readonly system: System
  readonly remarks: readonly TrainingRemark[]
}

/** @param usual the system of the software's years, where the script tells none */
const chosenSystem = (hints: readonly string[], usual: string): Chosen => {
  for (const hint of hints) {
    const named = partitions[hint]
    const system = named === undefined ? undefined : systems.find(({ name }) => name === named)
    if (system !== undefined)
      return { system, remarks: [{ kind: "understood", written: hint, text: `cluster.system: ${system.name}` }] }
  }
  for (const hint of hints)
    for (const [pattern, name] of byAccelerator) {
      const system = pattern.test(hint) ? systems.find((one) => one.name === name) : undefined
      if (system !== undefined)
        return { system, remarks: [assumed(`cluster.system ${name}, by "${hint}"; --system names another`)] }
    }
  const system = find("systems", usual)
  if (isUnknownName(system)) throw new Error(`the catalogue lost ${usual}`)
  return { system, remarks: [assumed(`cluster.system ${usual}, as the script does not say; --system names another`)] }
}

export interface WantedSystem {
  readonly source: string
  readonly system: string | undefined
}

/** @param least accelerators that the layout needs, where the script does not say how many there are */
export const trainingMachines = (
  said: SaidMachines,
  wanted: WantedSystem,
  usual: string,
  least: number
): TrainingMachines | RefusedImport => {
  const named = wanted.system === undefined ? undefined : find("systems", wanted.system)
  if (named !== undefined && isUnknownName(named))
    return refuse({
      source: wanted.source,
      path: "--system",
      problem: `there is no system "${wanted.system ?? ""}"`,
      given: wanted.system ?? "",
      expected: "a name from `windtunnel catalog systems`",
      nearest: named.nearest
    })
  const chosen: Chosen = named === undefined ? chosenSystem(said.hints, usual) : { system: named, remarks: [] }
  const size = sizeOf(said, chosen.system, least)
  return {
    cluster: { system: chosen.system.name, ...size.fields },
    system: chosen.system,
    remarks: [...chosen.remarks, ...size.remarks, ...said.remarks]
  }
}

interface Size {
  readonly fields: Readonly<Record<string, number>>
  readonly remarks: readonly TrainingRemark[]
}

const sizeOf = ({ nodes, perNode, ranks }: SaidMachines, { acceleratorsPerNode: own }: System, least: number): Size => {
  // More than a node has: nobody builds such nodes, some scripts call all of them one.
  if (nodes === 1 && perNode !== undefined && perNode > own)
    return { fields: { accelerators: perNode }, remarks: [assumed(`nodes of ${own}, as the system has`)] }
  if (nodes !== undefined)
    return perNode === undefined || perNode === own
      ? {
          fields: { nodes },
          remarks: perNode === undefined ? [assumed(`${own} accelerators in a node, as the system has`)] : []
        }
      : {
          fields: nodes === 1 && perNode < own ? { accelerators: perNode } : { nodes, acceleratorsPerNode: perNode },
          remarks: []
        }
  if (ranks !== undefined) return { fields: { accelerators: ranks }, remarks: [] }
  if (perNode !== undefined && perNode >= least)
    return {
      fields:
        perNode === own
          ? { nodes: 1 }
          : perNode < own
            ? { accelerators: perNode }
            : { nodes: 1, acceleratorsPerNode: perNode },
      remarks: [assumed("one node, as the script does not say how many; --nodes says more")]
    }
  const each = perNode ?? own
  const count = Math.ceil(least / each)
  return {
    fields:
      least < own && perNode === undefined
        ? { accelerators: least }
        : { nodes: count, ...(each === own ? {} : { acceleratorsPerNode: each }) },
    remarks: [
      assumed(`${count === 1 ? "one node" : `${count} nodes`}, the fewest that the layout needs; --nodes says more`)
    ]
  }
}
