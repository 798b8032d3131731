/**
 * Tiers of the KV cache beyond the accelerators' memory.
 */
import * as Schema from "effect/Schema"
import { choice, count, quantity } from "../quantity.ts"

const optional = Schema.optionalKey

const tier = Schema.Struct({
  in: choice(
    ["host", "nvme", "remote"],
    "Where its blocks are: memory of the replica's hosts, drives of the node, a pool that all replicas share over the network"
  ),
  capacity: quantity(
    "bytes",
    1,
    1e18,
    "Bytes for blocks: of each replica in host, of each node in nvme, of the whole pool in remote",
    "200 GB"
  ),
  rate: optional(
    quantity(
      "bytesPerSecond",
      1e3,
      1e15,
      "Rate in either direction: host of each accelerator, default its host link; nvme of a node's drives, default one drive on four lanes of PCIe 4; remote of the whole pool, default no narrower than the NICs",
      "6 GB/s"
    )
  ),
  latency: optional(
    quantity("time", 0, 10, "Time before the first byte, besides the wires'; default 0, nvme 100 us", "100 us")
  )
}).annotate({
  expected: "a map with the fields in and capacity",
  description: "A tier: where, how large, how fast"
})

/** Fields of `kvCache`. */
export const tierFields = {
  tiers: optional(
    Schema.Array(tier).check(Schema.isMinLength(1), Schema.isMaxLength(3)).annotate({
      expected: "a list of one to three tiers, the fastest first",
      description: "Where shared blocks go beyond the accelerators' memory, the fastest first; needs prefixCaching"
    })
  ),
  write: optional(
    choice(
      ["eviction", "always", "selective"],
      "When blocks are written to tiers: to the next one when they are thrown out, to all when computed, or to all after writeAfter uses; default eviction"
    )
  ),
  writeAfter: optional(
    count(1000, "selective: uses after which a block is written, the first one included; default 2", 2)
  ),
  fetch: optional(
    choice(
      ["cost", "always"],
      "What becomes of a prompt whose beginning is in a tier: fetched as far as that is sooner than to compute it, or always; default cost"
    )
  ),
  overlap: optional(
    choice(
      ["none", "layer-wise"],
      "When a request that fetches starts: with its last byte, or while later layers are on their way; default none"
    )
  )
}
