/**
 * Machines of several kinds in one cluster of training (`cluster.groups`): each group resolved like a cluster of its own,
 * the ranks laid out over them in order.
 */
import type { Evidence, MachineGroup } from "../training/index.ts"
import { machinesOf, type Machines } from "./cluster.ts"
import { isFindings } from "./inline.ts"
import { show, type Finding } from "./issue.ts"
import type { ReadText } from "./load.ts"
import type { Scenario } from "./schema.ts"

type Cluster = Scenario["cluster"]
type WrittenGroup = NonNullable<Cluster["groups"]>[number]

/** The machines of a scenario of training, with their groups where they are of several kinds. */
export interface TrainingMachines extends Machines {
  readonly groups?: readonly MachineGroup[]
}

/** Fields that say what `groups` says. */
const otherFields = [
  "system",
  "nodes",
  "accelerators",
  "accelerator",
  "acceleratorsPerNode",
  "scaleUp",
  "network",
  "placement",
  "measuredCollectives"
] as const satisfies readonly (keyof Cluster)[]

/** @param readText reads what was measured on the machines; needed only where a scenario names such files */
export const trainingMachines = (cluster: Cluster, readText?: ReadText): TrainingMachines | readonly Finding[] => {
  const { groups: written } = cluster
  if (written === undefined) return machinesOf(cluster, readText)
  const other = otherFields.find((field) => cluster[field] !== undefined)
  if (other !== undefined)
    return [
      {
        path: ["cluster", other],
        at: "key",
        problem: "groups is given as well",
        given: show(cluster[other]),
        expected: `either groups or ${other}; a group has its own`
      }
    ]
  const made = written.map((group, index) => machinesOfGroup(group, index))
  const findings = made.flatMap((machines) => (isFindings(machines) ? machines : []))
  const own = made.flatMap((machines) => (isFindings(machines) ? [] : [machines]))
  const [first] = own
  if (findings.length > 0 || first === undefined) return findings
  const unlike = own.flatMap((machines, index) => differences(machines, first, index, own.length))
  if (unlike.length > 0) return unlike
  return together(cluster, written, own, first)
}

const machinesOfGroup = (group: WrittenGroup, index: number): Machines | readonly Finding[] => {
  const { perAcceleratorHour: _price, ...cluster } = group
  const machines = machinesOf(cluster)
  return isFindings(machines)
    ? machines.map((finding) => ({ ...finding, path: ["cluster", "groups", index, ...finding.path.slice(1)] }))
    : machines
}

/** What keeps ranks from being numbered through all groups. */
const differences = (
  { fabric, system, accelerators }: Machines,
  first: Machines,
  index: number,
  count: number
): readonly Finding[] => {
  const at = (field: string): Finding["path"] => ["cluster", "groups", index, field]
  const refuse = (field: string, given: number | string, problem: string, expected: string): Finding => ({
    path: at(field),
    at: "key",
    problem,
    given: String(given),
    expected
  })
  const perNode = first.fabric.acceleratorsPerNode
  if (fabric.acceleratorsPerNode !== perNode)
    return [
      refuse(
        "acceleratorsPerNode",
        fabric.acceleratorsPerNode,
        `nodes of ${fabric.acceleratorsPerNode} beside nodes of ${perNode}`,
        "as many accelerators in the nodes of all groups"
      )
    ]
  const { domain } = fabric.scaleUp
  if (domain !== first.fabric.scaleUp.domain)
    return [
      refuse(
        "scaleUp",
        domain,
        `scale-up domains of ${domain} beside domains of ${first.fabric.scaleUp.domain}`,
        "scale-up domains of one size"
      )
    ]
  if (fabric.network === null && count > 1)
    return [refuse("network", "nothing", `${system.name} has no network to the other groups`, "a network link")]
  if (index < count - 1 && accelerators % domain !== 0)
    return [
      refuse(
        "nodes",
        accelerators,
        `${accelerators} accelerators do not fill scale-up domains of ${domain}`,
        `a multiple of ${domain} accelerators in all groups but the last`
      )
    ]
  return []
}

/** What two neighbouring groups must share to be one: everything but their size. */
const kindOf = ({ accelerator, fabric, system }: Machines, { perAcceleratorHour }: WrittenGroup): string =>
  JSON.stringify([accelerator, { ...fabric, nodes: 0 }, system.nodeWatts, perAcceleratorHour ?? null])

const unmeasured = (kinds: number): Evidence => ({
  name: "machines of several kinds side by side",
  constant: { value: kinds, origin: "assumed", source: "each kind was measured alone, no mixed cluster" }
})

const together = (
  cluster: Cluster,
  written: readonly WrittenGroup[],
  own: readonly Machines[],
  first: Machines
): TrainingMachines => {
  const nodes = own.reduce((sum, { fabric }) => sum + fabric.nodes, 0)
  const accelerators = own.reduce((sum, machines) => sum + machines.accelerators, 0)
  const groups: MachineGroup[] = []
  let last = ""
  own.forEach((machines, index) => {
    const group = written[index] ?? {}
    const kind = kindOf(machines, group)
    const before = groups.at(-1)
    if (kind === last && before !== undefined) {
      groups[groups.length - 1] = { ...before, accelerators: before.accelerators + machines.accelerators }
      return
    }
    last = kind
    groups.push({
      title: machines.system.title,
      accelerator: machines.accelerator,
      fabric: { ...machines.fabric, nodes },
      accelerators: machines.accelerators,
      nodeWatts: machines.system.nodeWatts,
      ...(group.perAcceleratorHour === undefined ? {} : { perAcceleratorHour: group.perAcceleratorHour })
    })
  })
  const titles = [...new Set(groups.map(({ title }) => title))]
  const evidence = new Map(own.flatMap((machines) => machines.evidence.map((one) => [one.name, one])))
  const base: Machines = {
    ...first,
    system: { ...first.system, title: titles.join(" + ") },
    fabric: { ...first.fabric, nodes },
    accelerators,
    evidence: [...evidence.values()],
    cluster
  }
  // Groups of one kind are one cluster.
  const isOneKind = groups.length === 1 && groups[0]?.perAcceleratorHour === undefined
  return isOneKind ? base : { ...base, groups, evidence: [...base.evidence, unmeasured(groups.length)] }
}
