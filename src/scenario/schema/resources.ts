/**
 * Slightly other machines, software and requests: factors on what the rest of a scenario says.
 */
import * as Schema from "effect/Schema"
import { quantity } from "../quantity.ts"

const factor = (description: string) => Schema.optionalKey(quantity("count", 0.01, 100, description, 1.1))

export const resourcesSchema = Schema.Struct({
  flops: factor("FLOP/s of every number format, over the accelerator's"),
  memoryRate: factor("Rate of device memory, over the accelerator's"),
  memoryBytes: factor("Size of device memory, over the accelerator's"),
  scaleUpRate: factor("Rate of the links inside a node or rack, over their nominal one"),
  networkRate: factor("Rate of the network between nodes, over its nominal one"),
  hostRate: factor("Rate of the link to the host, over its nominal one"),
  latency: factor("Seconds that a message takes whatever its size, over those of links and collective library"),
  launch: factor("Fixed seconds of a kernel, over the accelerator's"),
  host: factor("Seconds of the host, over the software's"),
  prompt: factor("Serving: tokens of a prompt, over the workload's"),
  output: factor("Serving: tokens of an answer, over the workload's"),
  load: factor("Serving: requests that come, over the workload's")
}).annotate({
  expected: "a map of factors, such as { networkRate: 1.1 }",
  description: "What if a resource were more or less: factors on what the rest of the scenario says, 1.1 = 10 % more"
})

/** Factors on requests, which a training has none of. */
export const ofRequests = ["prompt", "output", "load"] as const
