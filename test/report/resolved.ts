/** Scenarios of the report's tests, given as data. */
import { expect } from "vitest"
import {
  resolveServing,
  resolveTraining,
  scenarioFromData,
  type LoadedScenario,
  type ResolvedServing,
  type ResolvedTraining
} from "../../src/scenario/index.ts"

const loaded = (data: unknown): LoadedScenario => {
  const read = scenarioFromData({ name: "test", data })
  if (read._tag === "Refused") throw new Error(read.issues.map(({ path, problem }) => `${path}: ${problem}`).join("\n"))
  return read
}

export const serving = (data: unknown): ResolvedServing => {
  const resolved = resolveServing(loaded(data))
  expect(resolved).toMatchObject({ _tag: "ResolvedServing" })
  return resolved as ResolvedServing
}

export const training = (data: unknown): ResolvedTraining => {
  const resolved = resolveTraining(loaded(data))
  expect(resolved).toMatchObject({ _tag: "ResolvedTraining" })
  return resolved as ResolvedTraining
}

/** A server that takes milliseconds to simulate. */
export const smallServer = {
  name: "Small server",
  cluster: { accelerator: "h100-sxm", accelerators: 2 },
  model: "llama-3.1-8b",
  serving: { stack: "vllm-v1", replicas: 2 },
  workload: {
    arrivals: { poisson: { rate: 20 } },
    prompt: 512,
    output: { uniform: [16, 64] },
    requests: 200,
    slo: { ttft: "100 ms", tpot: "10 ms" }
  },
  price: { perAcceleratorHour: 2 }
}

/** A training that takes milliseconds. */
export const smallTraining = {
  name: "Small training",
  cluster: { system: "dgx-a100", accelerators: 8 },
  model: "bloom-1b1",
  training: {
    parallelism: { tensor: 2, pipeline: 2, data: 2 },
    microBatch: 1,
    globalBatch: 8,
    sequenceLength: 2048,
    recompute: "full",
    zeroStage: 1,
    stack: "megatron-deepspeed",
    tokens: "1B"
  },
  price: { perAcceleratorHour: 2 }
}
