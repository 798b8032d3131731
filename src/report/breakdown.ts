/**
 * The parts of an iteration and of a replica's time, in the colours of their kind.
 */
import type { Part } from "../charts/index.ts"
import type { ReplicaBreakdown } from "../serving/index.ts"
import type { Breakdown } from "../training/index.ts"

/** Parts of an iteration of an average stage, seconds; they add up to the iteration. */
export const trainingParts = ({ compute, exposed, bubble, host, optimizer }: Breakdown): readonly Part[] => [
  { name: "matrices", value: compute.gemm, colour: "compute" },
  { name: "experts", value: compute.experts, colour: "compute", depth: 0.88 },
  { name: "attention", value: compute.attention, colour: "compute", depth: 0.76 },
  { name: "LM head", value: compute.head, colour: "compute", depth: 0.64 },
  { name: "elementwise", value: compute.elementwise, colour: "compute", depth: 0.5 },
  { name: "recomputation", value: compute.recompute, colour: "backward" },
  { name: "tensor parallel", value: exposed.tensor, colour: "tensor" },
  { name: "context parallel", value: exposed.context, colour: "context" },
  { name: "expert parallel", value: exposed.expert, colour: "expert" },
  { name: "pipeline sends", value: exposed.pipeline, colour: "pipeline" },
  { name: "data parallel", value: exposed.data, colour: "data" },
  { name: "optimizer", value: optimizer, colour: "memory" },
  { name: "gradient accumulation", value: compute.accumulation, colour: "memory", depth: 0.7 },
  { name: "copies of shards", value: compute.shardCopies, colour: "memory", depth: 0.45 },
  { name: "host", value: host, colour: "host" },
  { name: "pipeline bubble", value: bubble, colour: "idle" }
]

const kinds = [
  ["gemm", "matrices", 1],
  ["experts", "experts", 0.88],
  ["attention", "attention", 0.76],
  ["head", "LM head", 0.64],
  ["elementwise", "elementwise", 0.5]
] as const

/** Shares of the time of an average stage of an average replica; they add up to 1. */
export const servingParts = ({
  prefill,
  decode,
  communication,
  host,
  bubble,
  idle
}: ReplicaBreakdown): readonly Part[] => [
  ...kinds.map(([kind, name, depth]): Part => ({
    name: `prefill: ${name}`,
    value: prefill[kind],
    colour: "compute",
    depth
  })),
  ...kinds.map(([kind, name, depth]): Part => ({
    name: `decode: ${name}`,
    value: decode[kind],
    colour: "backward",
    depth
  })),
  { name: "weights streaming in", value: prefill.transfer + decode.transfer, colour: "memory" },
  { name: "communication", value: communication, colour: "tensor" },
  { name: "host", value: host, colour: "host" },
  { name: "pipeline bubble", value: bubble, colour: "other" },
  { name: "idle", value: idle, colour: "idle" }
]

/** Parts by what a buyer calls them, for a sentence: the largest first. */
export const grouped = (parts: readonly Part[]): readonly { readonly name: string; readonly value: number }[] => {
  const sums = new Map<string, number>()
  for (const { name, value, colour } of parts) {
    const group =
      colour === "compute" || colour === "backward"
        ? (/^(?:prefill|decode)/.exec(name)?.[0] ?? "compute")
        : colour === "memory" && name !== "weights streaming in"
          ? "optimizer"
          : name
    sums.set(group, (sums.get(group) ?? 0) + value)
  }
  return [...sums].map(([name, value]) => ({ name, value })).sort((one, other) => other.value - one.value)
}
