import { describe, expect, test } from "vitest"
import {
  changesThatFit,
  changeText,
  describeScenario,
  resolveTraining,
  scenarioFromData,
  type ResolvedTraining,
  type ScenarioInput
} from "../../src/scenario/index.ts"

const base = {
  cluster: { system: "jean-zay-a100", nodes: 48 },
  model: "bloom-176b",
  training: {
    parallelism: { tensor: 4, pipeline: 12 },
    microBatch: 2,
    globalBatch: 2048,
    sequenceLength: 2048,
    stack: "megatron-deepspeed"
  }
} as const satisfies ScenarioInput

const resolve = (data: unknown, files: Readonly<Record<string, string>> = {}): ResolvedTraining => {
  const readText = (path: string) => {
    const text = files[path]
    return text === undefined ? { failure: "no such file" } : { text }
  }
  const loaded = scenarioFromData({ name: "test", data, readText })
  const resolved = loaded._tag === "Refused" ? loaded : resolveTraining(loaded, { readText })
  if (resolved._tag === "Refused")
    throw new Error(resolved.issues.map((issue) => `${issue.path}: ${issue.problem}`).join())
  return resolved
}

const refusal = (data: unknown): string => {
  const loaded = scenarioFromData({ name: "test", data })
  const resolved = loaded._tag === "Refused" ? loaded : resolveTraining(loaded)
  if (resolved._tag !== "Refused") throw new Error("accepted")
  return resolved.issues.map((issue) => `${issue.path}: ${issue.problem}`).join("\n")
}

describe("what a scenario leaves out", () => {
  const { job } = resolve(base)

  test("48 nodes of 8 leave 8 replicas of 4 x 12", () => {
    expect(job.layout.data).toBe(8)
  })

  test("has the defaults of the documentation", () => {
    expect(job.schedule).toBe("1f1b")
    expect(job.precision).toBe("bf16")
    expect(job.recompute).toBe("none")
    expect(job.sharding).toEqual({ zeroStage: 0, prefetch: 1 })
    expect(job.sequenceParallel).toBe(false)
    expect(job.seed).toBe(1)
  })

  test("a sharded stack shards parameters", () => {
    const training = { globalBatch: 16, sequenceLength: 2048, stack: "torchtitan" }
    expect(
      resolve({ cluster: { accelerators: 8, system: "dgx-h100" }, model: "llama-2-7b", training }).job.sharding
        .zeroStage
    ).toBe(3)
  })

  test("a V100 has no bf16 and runs fp16", () => {
    const training = { globalBatch: 16, sequenceLength: 2048 }
    expect(resolve({ cluster: { accelerator: "v100-sxm2-32gb" }, model: "bloom-1b1", training }).job.precision).toBe(
      "fp16"
    )
  })

  test("model parts are interleaved", () => {
    const training = { ...base.training, parallelism: { tensor: 4, pipeline: 12, virtualPipeline: 6 } }
    expect(resolve({ ...base, training }).job.schedule).toBe("interleaved-1f1b")
  })
})

describe("the cluster", () => {
  test("12 accelerators in nodes of 8 take 2 nodes", () => {
    const { job, accelerators } = resolve({
      ...base,
      model: "bloom-7b1",
      cluster: { system: "jean-zay-a100", accelerators: 12 },
      training: { globalBatch: 12, sequenceLength: 2048 }
    })
    expect(job.fabric.nodes).toBe(2)
    expect(accelerators).toBe(12)
  })

  test("another accelerator in a system brings its own links", () => {
    const { job } = resolve({ ...base, cluster: { ...base.cluster, accelerator: "h100-sxm" } })
    expect(job.accelerator.name).toBe("h100-sxm")
    expect(job.fabric.scaleUp.link.name).toBe("nvlink4")
  })

  test("links are overridden in single fields", () => {
    const { job } = resolve({
      ...base,
      cluster: {
        ...base.cluster,
        scaleUp: { link: { bandwidth: "600 GB/s", latency: "2 us" } },
        network: { nicsPerNode: 8 }
      }
    })
    expect(job.fabric.scaleUp.bytesPerSecond).toBe(600e9)
    expect(job.fabric.scaleUp.link.latencySeconds).toBe(2e-6)
    expect(job.fabric.network?.nicsPerNode).toBe(8)
    expect(job.fabric.network?.link.name).toBe("omni-path-100")
  })

  test("an inline system extends a shipped one", () => {
    const { job } = resolve({
      ...base,
      cluster: { system: { extends: "jean-zay-a100", nodeWatts: "3 kW" }, nodes: 48 }
    })
    expect(job.nodeWatts).toBe(3000)
  })

  test("many nodes without a network cannot work together", () => {
    const cluster = { accelerator: "a100-sxm-80gb", nodes: 48 }
    expect(refusal({ ...base, cluster })).toContain("no network between nodes")
    expect(
      resolve({ ...base, cluster: { ...cluster, network: { link: "ib-hdr" } } }).job.fabric.network?.link.name
    ).toBe("ib-hdr")
  })

  test("a link inside nodes does not join them", () => {
    expect(refusal({ ...base, cluster: { ...base.cluster, network: { link: "nvlink3" } } })).toBe(
      "cluster.network.link: nvlink3 is a scale-up link"
    )
  })

  test("no machines at all are refused", () => {
    expect(refusal({ ...base, cluster: {} })).toBe("cluster: names no machines")
  })
})

describe("an inline entry", () => {
  test("of an accelerator changes what it names and keeps the rest", () => {
    const { job } = resolve({ ...base, cluster: { ...base.cluster, accelerator: { memory: "40 GB" } } })
    expect(job.accelerator.memory).toEqual({ bytes: 40e9, bytesPerSecond: 2039e9, type: "HBM2e" })
    expect(job.accelerator.efficiencyClass).toBe("a100")
    expect(job.accelerator.title).toContain("changed")
    expect(job.accelerator.sources["memory"]).toBe("given in the scenario")
  })

  test("of an accelerator with data-sheet facts alone borrows the efficiency of the nearest, and says so", () => {
    const accelerator = {
      name: "x1",
      peakFlops: { bf16: "990 TFLOP/s" },
      memory: { bytes: "80 GB", bytesPerSecond: "3.35 TB/s" }
    }
    const { job } = resolve({ ...base, cluster: { accelerator, nodes: 48, network: { link: "ib-hdr" } } })
    expect(job.accelerator.efficiencyClass).toBe("h100")
    const evidence = job.evidence.find(({ name }) => name === "efficiency of x1")
    expect(evidence?.constant.origin).toBe("assumed")
    expect(evidence?.constant.source).toContain("only its data sheet is known")
  })

  test("of an accelerator of a known generation borrows within it", () => {
    const accelerator = {
      generation: "volta",
      peakFlops: { fp16: "990 TFLOP/s" },
      memory: { bytes: "80 GB", bytesPerSecond: "3 TB/s" }
    }
    const { job } = resolve({ ...base, cluster: { accelerator, nodes: 48, network: { link: "ib-hdr" } } })
    expect(job.accelerator.efficiencyClass).toBe("v100")
  })

  test("of an accelerator without a memory size is refused", () => {
    const accelerator = { name: "x1", peakFlops: { bf16: "990 TFLOP/s" } }
    expect(refusal({ ...base, cluster: { accelerator } })).toContain("cluster.accelerator.memory.bytes: is missing")
  })

  test("of a model from nothing needs its shape alone", () => {
    const model = { layers: 24, hidden: 2048, heads: 16, vocabulary: "50k" }
    const { job } = resolve({ ...base, model, training: { ...base.training, parallelism: { tensor: 2, pipeline: 6 } } })
    expect(job.model.vocabulary).toBe(50_000)
    expect(job.model.headDimension).toBe(128)
    expect(job.model.feedForward).toBe(8192)
  })

  test("of a stack changes a constant", () => {
    const stack = { extends: "megatron-deepspeed", constants: { hostSecondsPerLayer: "2 ms" } }
    const { job } = resolve({ ...base, training: { ...base.training, stack } })
    expect(job.stack.constants.hostSecondsPerLayer).toEqual({
      value: 0.002,
      origin: "assumed",
      source: "given in the scenario"
    })
    expect(job.stack.host.mode).toBe("blocking")
  })

  test.each([
    [{ constants: { hostSeconds: 1 } }, "training.stack.extends: is missing"],
    [{ extends: "megatron-deepspeed", constants: { hostSeconds: 1 } }, 'there is no field "hostSeconds" here'],
    [{ extends: "megatron-deepspeed", attention: "fuzed" }, 'training.stack.attention: given "fuzed"'],
    [{ extends: "megatron-deepspeed", fullySharded: 1 }, "training.stack.fullySharded: given 1"],
    [{ extends: "megatron-deepspeed", memory: { fixedBytes: -1 } }, "training.stack.memory.fixedBytes: given -1"],
    [{ extends: "megatron-deepspeed", memory: 5 }, "training.stack.memory: given 5"]
  ])("of a stack that makes no sense is refused: %j", (stack, problem) => {
    expect(refusal({ ...base, training: { ...base.training, stack } })).toContain(problem)
  })
})

describe("a schedule as a function", () => {
  const withSchedule = (schedule: unknown) => ({
    ...base,
    training: { ...base.training, parallelism: { tensor: 4, pipeline: 2 }, globalBatch: 192, schedule }
  })

  test("is asked for the operations of 2 stages and 2 micro-batches, and becomes data", () => {
    const stage = (request: { microBatches: number }): string =>
      Array.from({ length: request.microBatches }, (_, index) => `F${index} B${index}`).join(" ")
    const { job, scenario } = resolve(
      withSchedule((request: { stages: number; microBatches: number }) =>
        Array.from({ length: request.stages }, () => stage(request))
      )
    )
    expect(job.schedule).toEqual(["F0 B0 F1 B1", "F0 B0 F1 B1"])
    expect(scenario.training.schedule).toEqual({ operations: ["F0 B0 F1 B1", "F0 B0 F1 B1"] })
  })

  test("that fails is refused without a stack trace", () => {
    const fails = () => {
      throw new Error("no idea")
    }
    expect(refusal(withSchedule(fails))).toBe('training.schedule: the function failed: "no idea"')
  })

  test("that returns something else is refused", () => {
    expect(refusal(withSchedule(() => 7))).toBe("training.schedule: the function returned 7")
  })
})

describe("the portable scenario", () => {
  test("resolves to the same scenario and fingerprint", () => {
    const once = resolve(base)
    const twice = resolve(JSON.parse(JSON.stringify(once.scenario)))
    expect(twice.scenario).toEqual(once.scenario)
    expect(twice.hash).toBe(once.hash)
  })

  test("holds the text of its kernel tables", () => {
    const table = "m,n,k,latency\n1024,1024,1024,0.02\n"
    const { scenario, job } = resolve(
      { ...base, training: { ...base.training, kernels: ["a.csv"] } },
      { "a.csv": table }
    )
    expect(scenario.training.kernels).toEqual([{ table }])
    expect(job.kernelTables).toHaveLength(1)
  })

  test("has another fingerprint with another seed", () => {
    expect(resolve({ ...base, seed: 2 }).hash).not.toBe(resolve(base).hash)
  })
})

test("a scenario in one line", () => {
  const { title, parts } = describeScenario(
    resolve({ ...base, name: "BLOOM", training: { ...base.training, zeroStage: 1 } })
  )
  expect(title).toBe("BLOOM")
  expect(parts).toEqual(["384 x A100 SXM4 80 GB in 48 nodes", "TP 4 x PP 12 x DP 8", "1F1B", "bf16", "ZeRO-1"])
})

test("where memory is short, recomputing everything is among the ways out", () => {
  const ways = changesThatFit(resolve({ ...base, training: { ...base.training, zeroStage: 1 } }))
  expect(ways.map(({ changes }) => changeText(changes))).toContain("recompute: full")
  expect(ways.every(({ result }) => result.memory.fits)).toBe(true)
})

describe("the smallest changes that fit", () => {
  const waysOf = (training: Readonly<Record<string, unknown>>) =>
    changesThatFit(resolve({ ...base, training: { ...base.training, zeroStage: 1, ...training } }))

  test("change one thing where that is enough, the fastest first", () => {
    const ways = waysOf({ recompute: "none" })
    expect(ways.length).toBeGreaterThan(0)
    for (const { changes } of ways)
      expect(Object.keys(changes).filter((path) => path !== "training.parallelism.data")).toHaveLength(1)
    const times = ways.map(({ result }) => result.iterationSeconds)
    expect(times).toEqual(times.toSorted((one, other) => one - other))
  })

  test("keep to the machines that there are before they ask for more, however much faster more are", () => {
    // Weights, gradients and optimizer of 30 billion parameters on every one of 256 accelerators.
    const wide = resolve({
      cluster: { system: "dgx-h100", nodes: 32 },
      model: "mpt-30b",
      training: { globalBatch: 1024 }
    })
    const ways = changesThatFit(wide)
    const isMore = ways.map(({ changes }) => Object.keys(changes).some((path) => path.startsWith("cluster.")))
    expect(isMore).toEqual([false, false, true])
    expect(changeText(ways[0]?.changes ?? {})).toBe("recompute: full, zeroStage: 3")
    expect(ways[2]?.result.iterationSeconds).toBeLessThan(ways[0]?.result.iterationSeconds ?? 0)
  })

  test("never set what is set already", () => {
    for (const { changes } of waysOf({ recompute: "full", microBatch: 1, globalBatch: 2048 })) {
      expect(changes["training.recompute"]).toBeUndefined()
      expect(changes["training.microBatch"]).toBeUndefined()
    }
  })
})
