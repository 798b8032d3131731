/**
 * How switches and cables join the nodes, and which nodes a job gets.
 */
import * as Schema from "effect/Schema"
import { choice, count, quantity, text } from "../quantity.ts"
import { exactlyOne } from "./exactly-one.ts"

const optional = Schema.optionalKey
const largest = 65_536

const contention = (description: string) => quantity("count", 1, 1000, description, 4)

const equalWays = {
  spread: optional(
    choice(
      ["balanced", "hashed"],
      "Among ways as short: adaptive routing that keeps them equally full (default), or one by the hash of a flow (ECMP)"
    )
  ),
  flowsPerConnection: optional(
    count(1024, "Flows that two network cards open to each other, each hashed on its own; default 1", 16)
  )
}

const fatTree = Schema.Struct({
  nodesPerLeaf: count(largest, "Nodes whose network cards all hang on one leaf switch", 16),
  leavesPerPod: optional(
    count(largest, "Leaves that share spines; cores join the pods. Default: all leaves, two levels", 8)
  ),
  spines: optional(
    count(4096, "Spines (of a pod); default one an uplink, which then is as fast as a network card", 16)
  ),
  oversubscription: optional(
    Schema.Union([
      contention("Rate below a leaf over the rate above it"),
      Schema.Tuple([contention("Of a leaf"), contention("Of a pod")])
    ]).annotate({
      expected: "a number from 1 to 1000 such as 4, or one for leaves and one for pods, such as [1, 7]",
      description: "Rate below a leaf (and a pod) over the rate above it; default 1, full bisection"
    })
  ),
  ...equalWays
}).annotate({ description: "Leaf switches below spines; with leavesPerPod, cores above these" })

const railOptimised = Schema.Struct({
  nodesPerPod: count(largest, "Nodes whose i-th network cards all hang on the pod's i-th leaf", 32),
  spines: optional(count(4096, "Spines; default one an uplink, which then is as fast as a network card", 32)),
  oversubscription: optional(contention("Rate below a leaf over the rate above it; default 1")),
  ...equalWays
}).annotate({ description: "One leaf a rail in each pod of nodes, spines above" })

const dragonfly = Schema.Struct({
  nodesPerRouter: count(1024, "Nodes on a router", 4),
  routersPerGroup: count(1024, "Routers of a group, all joined to all", 32),
  groups: optional(count(1024, "Groups of the whole machine; default: as many as the nodes fill", 74)),
  localLinks: optional(
    count(1024, "Links between two routers of a group, each as fast as a network card; default 1", 1)
  ),
  globalLinks: count(1024, "Links between two groups, each as fast as a network card", 4),
  routing: optional(
    choice(["minimal", "valiant"], "The shortest way (default), or over a third group or router (Valiant)")
  ),
  ...equalWays
}).annotate({ description: "Groups of routers, a bundle of links between every two groups" })

const torus = Schema.Struct({
  dimensions: Schema.Array(count(largest, "Nodes along a dimension", 8))
    .check(Schema.isMinLength(1), Schema.isMaxLength(3))
    .annotate({
      expected: "a list of one to three sizes, such as [8, 4, 4]",
      description: "Nodes along x, y and z; node n stands at n mod x, and so on"
    })
}).annotate({ description: "A grid of nodes whose rows close to rings; their network cards are the cables' ends" })

export const topologySchema = Schema.Union([
  Schema.Literals(["system"]),
  exactlyOne(
    {
      fatTree: optional(fatTree),
      railOptimised: optional(railOptimised),
      dragonfly: optional(dragonfly),
      torus: optional(torus)
    },
    "The kind of network"
  )
]).annotate({
  expected: "system, or one of { fatTree: ... }, { railOptimised: ... }, { dragonfly: ... }, { torus: ... }",
  description: "Switches and cables between the nodes (system: as published of it); default: they hold nothing up"
})

const rate = quantity("fraction", 0, 1, "Share of its rate that a link has left; 0 where it is missing", 0.5)

export const degradedSchema = Schema.Array(
  Schema.Union([
    Schema.Struct({
      link: text('A link by the names of its ends, "<->" for both directions', "leaf 3 -> spine 1"),
      rate
    }),
    Schema.Struct({
      tier: choice(["leaf-spine", "spine-core", "local", "global", "torus"], "Links of this tier"),
      index: optional(count(1e9, "Which link of the tier; default all", 5, 0)),
      rate
    })
  ]).annotate({
    expected: '{ link: "leaf 3 -> spine 1", rate: 0.5 } or { tier: leaf-spine, index: 5, rate: 0.5 }'
  })
).annotate({
  expected: 'a list such as [{ link: "leaf 3 -> spine 1", rate: 0.5 }]',
  description: "Links of the topology that have lost some or all of their rate"
})

export const placementSchema = Schema.Union([
  Schema.Literals(["packed", "round-robin", "random"]),
  exactlyOne(
    {
      roundRobin: optional(choice(["leaves", "pods"], "Switches that give the next node in turn")),
      random: optional(
        Schema.Struct({
          seed: optional(count(Number.MAX_SAFE_INTEGER, "Seed of the lot; default the scenario's", 3, 0)),
          among: optional(count(1e6, "Nodes of the whole machine; default those in use", 560))
        }).annotate({ description: "Nodes drawn by lot" })
      ),
      listed: optional(
        Schema.Array(count(1e6, "A node of the machine, from 0", 17, 0)).annotate({
          expected: "a list of different nodes, one for each in use",
          description: "Nodes of the machine in the order in which ranks fill them"
        })
      )
    },
    "Which nodes the ranks fill, in which order"
  )
]).annotate({
  expected:
    "packed, round-robin, random, or one of { roundRobin: leaves }, { random: { seed: 3, among: 560 } }, { listed: [0, 8] }",
  description:
    "Which nodes of a topology the ranks fill: packed (default) takes the first ones in order; round-robin one of each leaf in turn"
})
