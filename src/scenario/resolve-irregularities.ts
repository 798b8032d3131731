/**
 * From what a scenario says of slow nodes and uneven load to what a simulation takes, and what of it cannot be.
 */
import type { Model } from "../catalog/index.ts"
import type { Fabric } from "../cluster/index.ts"
import { worldSize, type Layout } from "../parallel/index.ts"
import type { HardwareFault, Irregularities } from "../training/index.ts"
import { isFindings } from "./inline.ts"
import type { Finding, Path } from "./issue.ts"
import type { TrainingScenario } from "./schema.ts"
import { refuse } from "./size-checks.ts"

export interface LoadSettings {
  /** Busiest expert's load over the mean load. */
  readonly expertImbalance: number
  readonly irregularities?: Irregularities
}

/** Ranks whose positions are compared one by one in a moment. */
const mostRanks = 131_072

/** Loads and faults of a scenario whose sizes agree. */
export const loadSettings = (
  { cluster, training }: TrainingScenario,
  { model, layout, fabric }: { readonly model: Model; readonly layout: Layout; readonly fabric: Fabric }
): LoadSettings | readonly Finding[] => {
  const experts = expertsOf(training.expertImbalance ?? 1, model, layout)
  if (isFindings(experts)) return experts
  const hardware = cluster.irregularities ?? []
  const { jitter = 0, unevenData } = training
  const found = [
    ...hardware.flatMap((fault, index) => faultFindings(fault, ["cluster", "irregularities", index], fabric)),
    ...cardFindings(hardware, fabric),
    ...replicaFindings(unevenData, layout)
  ]
  if (found.length > 0) return found
  if (hardware.length === 0 && jitter === 0 && unevenData === undefined && experts.loads === null)
    return { expertImbalance: experts.busiest }
  if (worldSize(layout) > mostRanks) {
    const path = reasonOf(hardware.length > 0, jitter > 0, unevenData !== undefined)
    return [
      refuse(
        path,
        worldSize(layout),
        `${worldSize(layout)} ranks are too many to tell apart`,
        `at most ${mostRanks} ranks where some differ`
      )
    ]
  }
  return {
    expertImbalance: experts.busiest,
    irregularities: { hardware, jitter, unevenData: unevenOf(unevenData), expertLoads: experts.loads }
  }
}

const reasonOf = (isFaulty: boolean, isJittered: boolean, isUneven: boolean): Path =>
  isFaulty
    ? ["cluster", "irregularities"]
    : ["training", isJittered ? "jitter" : isUneven ? "unevenData" : "expertImbalance"]

type UnevenWritten = TrainingScenario["training"]["unevenData"]

const unevenOf = (written: UnevenWritten): Irregularities["unevenData"] => {
  if (written?.replicas !== undefined) return { replicas: written.replicas }
  return written?.deviation === undefined ? null : { deviation: written.deviation }
}

const replicaFindings = (written: UnevenWritten, { data }: Layout): readonly Finding[] =>
  written?.replicas === undefined || written.replicas.length === data
    ? []
    : [
        refuse(
          ["training", "unevenData", "replicas"],
          written.replicas.length,
          `${written.replicas.length} shares for ${data} replicas`,
          `a list of ${data} numbers, one a replica`
        )
      ]

const faultFindings = (fault: HardwareFault, path: Path, fabric: Fabric): readonly Finding[] => {
  const { node, accelerator, speed, scaleUp, network, missingNics } = fault
  const at = (field: string): Path => [...path, field]
  const found: Finding[] = []
  if (node >= fabric.nodes)
    found.push(
      refuse(at("node"), node, `there is no node ${node}`, `a node from 0 to ${fabric.nodes - 1}`, [fabric.nodes - 1])
    )
  const perNode = fabric.acceleratorsPerNode
  if (accelerator !== undefined && accelerator >= perNode)
    found.push(
      refuse(
        at("accelerator"),
        accelerator,
        `a node has ${perNode} accelerators`,
        `a number from 0 to ${perNode - 1}`,
        [perNode - 1]
      )
    )
  const ofCards = network !== undefined ? "network" : missingNics !== undefined ? "missingNics" : undefined
  if (ofCards !== undefined && accelerator !== undefined)
    found.push(
      refuse(at("accelerator"), accelerator, "network cards belong to the node", `no accelerator beside ${ofCards}`)
    )
  if (ofCards !== undefined && fabric.network === null)
    found.push(refuse(at(ofCards), fault[ofCards] ?? 0, "this cluster has no network", "a cluster with a network"))
  if ([speed, scaleUp, network, missingNics].every((part) => part === undefined))
    found.push(
      refuse(path, `node ${node}`, `nothing is wrong with node ${node}`, "one of speed, scaleUp, network, missingNics")
    )
  return found
}

/** A node needs a card that is left. */
const cardFindings = (hardware: readonly HardwareFault[], { network }: Fabric): readonly Finding[] => {
  if (network === null) return []
  const gone = new Map<number, number>()
  return hardware.flatMap(({ node, missingNics = 0 }, index) => {
    const before = gone.get(node) ?? 0
    gone.set(node, before + missingNics)
    if (missingNics === 0 || before + missingNics < network.nicsPerNode) return []
    const most = network.nicsPerNode - 1 - before
    const path = ["cluster", "irregularities", index, "missingNics"]
    const cards = `node ${node} has ${network.nicsPerNode} network card${network.nicsPerNode === 1 ? "" : "s"}`
    return [
      refuse(path, missingNics, `${cards} and would have none`, most > 0 ? `at most ${most}` : "no missing card", [])
    ]
  })
}

interface ExpertLoads {
  readonly busiest: number
  /** By expert-parallel rank, over the mean; null where they are alike. */
  readonly loads: readonly number[] | null
}

const expertsOf = (
  written: NonNullable<TrainingScenario["training"]["expertImbalance"]>,
  { experts, name }: Model,
  { expert }: Layout
): ExpertLoads | readonly Finding[] => {
  if (typeof written === "number") return { busiest: written, loads: null }
  const path = ["training", "expertImbalance"]
  if (experts === null) return [refuse(path, "loads of experts", `${name} has no experts`, "no loads of experts")]
  if ("zipf" in written) {
    const popularity = Array.from({ length: experts.count }, (_, k) => (k + 1) ** -written.zipf)
    const each = experts.count / expert
    return loadsOf(
      Array.from({ length: expert }, (_, rank) =>
        popularity.slice(rank * each, (rank + 1) * each).reduce((sum, value) => sum + value, 0)
      )
    )
  }
  if (written.length !== expert)
    return [
      refuse(
        path,
        written.length,
        `${written.length} loads for ${expert} expert-parallel ranks`,
        `a list of ${expert} numbers, one an expert-parallel rank`
      )
    ]
  return written.some((load) => load > 0)
    ? loadsOf(written)
    : [refuse(path, written.join(", "), "no rank has any load", "a load above 0")]
}

const loadsOf = (relative: readonly number[]): ExpertLoads => {
  const mean = relative.reduce((sum, load) => sum + load, 0) / relative.length
  const loads = relative.map((load) => load / mean)
  return { busiest: Math.max(...loads), loads }
}
