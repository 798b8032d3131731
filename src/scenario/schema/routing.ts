/**
 * What the router of a server knows and logs, and how classes of requests are let in.
 */
import * as Schema from "effect/Schema"
import { choice, count, flag, quantity } from "../quantity.ts"

const optional = Schema.optionalKey

/** Routers that need to know nothing of a request. */
export const plainRouters = [
  "round-robin",
  "random",
  "least-requests",
  "least-tokens",
  "least-queued",
  "power-of-two"
] as const

export const routers = [...plainRouters, "prefix-aware", "session", "least-ttft"] as const

export const routingSchema = Schema.Struct({
  loadWeight: optional(
    quantity("count", 0, 1e6, "prefix-aware: cached tokens that outweigh one token queued at a replica; default 1", 1)
  ),
  knows: optional(
    choice(
      ["index", "cache"],
      "What the router believes of the replicas' caches: an index of its own of what it sent there, or what is really there (then nothing is leapt over); default index"
    )
  ),
  indexBlocks: optional(
    count(1e9, "Blocks of a replica that the index remembers; default as many as its cache has", 10_000)
  ),
  log: optional(flag("Log each decision with what every open replica would have cost; default no"))
}).annotate({ description: "What routers know and log" })

/** Fields of a class of requests. */
export const classRoutingFields = {
  share: optional(
    quantity(
      "count",
      1e-6,
      1e6,
      "Part of an overloaded server, relative to other classes, where batching.order is fair; default 1",
      3
    )
  ),
  admission: optional(
    choice(
      ["reject", "defer"],
      "What the front door does when the first token is predicted to miss slo.ttft: turn the request away, or hold it until a replica is quicker; default: nothing"
    )
  )
}
