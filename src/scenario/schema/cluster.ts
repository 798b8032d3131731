/**
 * The machines of a scenario.
 */
import * as Schema from "effect/Schema"
import { acceleratorEntry, linkEntry, systemEntry } from "../entries.ts"
import { choice, count, flag, quantity, text } from "../quantity.ts"
import { degradedSchema, placementSchema, topologySchema } from "./topology.ts"
import { irregularitiesSchema } from "./irregularity.ts"

const optional = Schema.optionalKey

const scaleUp = Schema.Struct({
  link: optional(linkEntry("Link between the accelerators of a scale-up domain", "nvlink4")),
  domain: optional(count(1e6, "Accelerators that one scale-up switch joins; may span nodes", 8)),
  topology: optional(choice(["switch", "mesh", "pcie"], "How the links of a domain are laid out")),
  peerToPeer: optional(
    flag("Served models over PCIe: cards reach each other without the host's memory; default yes, but on GeForce cards")
  )
}).annotate({ description: "Wires between the accelerators of a node or rack; overrides the system's" })

const network = Schema.Struct({
  link: optional(linkEntry("Link of one network card", "ib-ndr")),
  nicsPerNode: optional(count(1024, "Network cards of a node", 8)),
  oversubscription: optional(quantity("count", 1, 1000, "Leaf-to-spine contention; 1 is full bisection", 1)),
  sumsInNetwork: optional(flag("Switches sum all-reduces (SHARP), where the link can; default the system's, else no")),
  topology: optional(topologySchema),
  degraded: optional(degradedSchema)
}).annotate({ description: "Wires between nodes; overrides the system's" })

const measuredCollective = Schema.Union([
  text("Path of nccl-tests' output, relative to the scenario file", "nccl/all_reduce_perf.txt"),
  Schema.Struct({
    table: Schema.String.annotate({ description: "The output itself" }),
    name: optional(text("Name of its file, which may say the program", "all_reduce_perf.txt"))
  })
]).annotate({ expected: "the path of nccl-tests' output, or { table: ... }" })

const machineGroup = Schema.Struct({
  system: optional(systemEntry),
  nodes: optional(count(1e6, "Nodes of the group; give nodes or accelerators, not both (neither: 1 node)", 2)),
  accelerators: optional(count(1e6, "Accelerators of the group; fills whole nodes first", 16)),
  accelerator: optional(acceleratorEntry),
  acceleratorsPerNode: optional(count(1024, "Accelerators in a node; default the system's, else 8", 8)),
  scaleUp: optional(scaleUp),
  network: optional(
    Schema.Struct({
      link: optional(linkEntry("Link of one network card", "ib-ndr")),
      nicsPerNode: optional(count(1024, "Network cards of a node", 8)),
      oversubscription: optional(quantity("count", 1, 1000, "Leaf-to-spine contention; 1 is full bisection", 1)),
      sumsInNetwork: optional(
        flag("Switches sum all-reduces (SHARP), where the link can; default the system's, else no")
      )
    }).annotate({ description: "Wires to other nodes; overrides the system's" })
  ),
  perAcceleratorHour: optional(
    quantity("money", 0, 1e6, "Dollars per accelerator and hour; default price.perAcceleratorHour", 2)
  )
}).annotate({ description: "Nodes of one kind" })

export const clusterSchema = Schema.Struct({
  system: optional(systemEntry),
  nodes: optional(count(1e6, "Nodes in use; give nodes or accelerators, not both (neither: 1 node)", 48)),
  accelerators: optional(count(1e6, "Accelerators in use; fills whole nodes first", 384)),
  accelerator: optional(acceleratorEntry),
  acceleratorsPerNode: optional(count(1024, "Accelerators in a node; default the system's, else 8", 8)),
  scaleUp: optional(scaleUp),
  network: optional(network),
  groups: optional(
    Schema.Array(machineGroup).check(Schema.isMinLength(1), Schema.isMaxLength(64)).annotate({
      expected: "a list of systems with their nodes, such as [{ system: dgx-h100, nodes: 2 }]",
      description:
        "Training: machines of several kinds, ranks laid out over them in order; in place of system, nodes and what belongs to them"
    })
  ),
  placement: optional(placementSchema),
  irregularities: optional(irregularitiesSchema),
  measuredCollectives: optional(
    Schema.Array(measuredCollective).annotate({
      expected: "a list of paths",
      description: "Output of nccl-tests on these machines, in place of NCCL's model for the groups that it measured"
    })
  )
}).annotate({ description: "The machines: a system, or an accelerator with its links" })
