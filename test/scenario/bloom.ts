/** The scenario that most tests start from, and a reader for files that exist only here. */
import type { ReadText } from "../../src/scenario/index.ts"

export const bloom = `name: BLOOM
cluster:
  system: jean-zay-a100
  nodes: 48
model: bloom-176b
training:
  parallelism: { tensor: 4, pipeline: 12, data: 8 }
  microBatch: 2
  globalBatch: 2048
  sequenceLength: 2048
  recompute: full
  stack: megatron-deepspeed
`

export const files =
  (contents: Readonly<Record<string, string>>): ReadText =>
  (path) => {
    const text = contents[path]
    return text === undefined ? { failure: "no such file" } : { text }
  }
