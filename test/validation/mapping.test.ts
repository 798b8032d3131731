import { describe, expect, test } from "vitest"
import { models } from "../../src/catalog/index.ts"
import {
  isRefusal,
  shippedMeasurements,
  speedOf,
  memoryOf,
  outOfMemoryOf,
  toScenario
} from "../../src/validation/index.ts"
import type { MappedPoint, Measurement } from "../../src/validation/index.ts"
import { bloom, changed } from "./points.ts"

const shipped = await shippedMeasurements()

const mapped = (point: Measurement): MappedPoint => {
  const result = toScenario(point)
  if (isRefusal(result)) throw new Error(`${point.id}: ${result.reason}`)
  return result
}

const scenarioOf = (id: string) => {
  const point = shipped.find((candidate) => candidate.id === id)
  if (point === undefined) throw new Error(`no point ${id}`)
  return mapped(point).scenario
}

const reasonOf = (point: Measurement): string => {
  const result = toScenario(point)
  return isRefusal(result) ? result.reason : "expressible"
}

describe("a point becomes the scenario that it measured:", () => {
  test("BLOOM's main run, all said by the source", () => {
    expect(mapped(bloom).scenario).toEqual({
      name: "bloom176b-prod-it12695",
      cluster: { system: "jean-zay-a100", accelerators: 384 },
      model: "bloom-176b",
      training: {
        parallelism: { tensor: 4, pipeline: 12, data: 8, context: 1 },
        schedule: "1f1b",
        microBatch: 2,
        globalBatch: 2048,
        sequenceLength: 2048,
        precision: "bf16",
        zeroStage: 1,
        recompute: "full",
        stack: "megatron-deepspeed"
      }
    })
    expect(mapped(bloom).assumptions).toEqual([])
  })

  test("SC'21's 529.6B model with its three chunks", () => {
    const scenario = scenarioOf("sc21-t1-529.6B")
    expect(scenario.cluster).toEqual({ system: "selene", accelerators: 2520 })
    expect(scenario.model).toMatchObject({ layers: 105, hidden: 20480, heads: 128, headDimension: 160 })
    expect(scenario.training).toMatchObject({
      parallelism: { tensor: 8, pipeline: 35, data: 9, virtualPipeline: 3 },
      schedule: "interleaved-1f1b",
      recompute: "full",
      precision: "fp16",
      zeroStage: 0,
      stack: "megatron-lm-2021"
    })
  })

  test("SC'21's product of 96 as 8 x 12, and its ZeRO-3 rows on DeepSpeed", () => {
    expect(scenarioOf("sc21-t2-ptdp-174.6B-g384").training.parallelism).toMatchObject({
      tensor: 8,
      pipeline: 12,
      data: 4
    })
    expect(scenarioOf("sc21-t2-zero3-174.6B-g384").training).toMatchObject({
      stack: "deepspeed-zero3",
      zeroStage: 3,
      microBatch: 4
    })
  })

  test("llm-foundry's MPT-7B with the learned positions of its benchmark", () => {
    const scenario = scenarioOf("llmf-a100-40gb-bf16-7b-s2048-g64-mb18")
    expect(scenario.cluster).toEqual({ system: "mosaic-a100-oci", accelerators: 64 })
    expect(scenario.model).toMatchObject({ extends: "mpt-7b", position: "learned", vocabulary: 50368 })
    expect(scenario.training).toMatchObject({
      parallelism: { tensor: 1, pipeline: 1, data: 64, context: 1 },
      microBatch: 18,
      globalBatch: 1152,
      zeroStage: 3,
      recompute: "full",
      stack: "llm-foundry"
    })
  })

  test("DGXC's Llama 405B, no recomputation said and none assumed", () => {
    const scenario = scenarioOf("dgxc-v25.04-llama-3.1-405b-fp8-h100-g1024-pretrain")
    expect(scenario.model).toBe("llama-3.1-405b")
    expect(scenario.cluster).toEqual({ system: "dgx-h100", accelerators: 1024 })
    expect(scenario.training).toMatchObject({
      parallelism: { tensor: 8, pipeline: 8, data: 8, context: 2, virtualPipeline: 8 },
      precision: "fp8",
      recompute: "none",
      zeroStage: 1,
      stack: "nemo-24"
    })
  })

  test("DGXC's Nemotron 340B of 25.04, whose table is silent about chunks: one layer each, 96 / 8", () => {
    const { parallelism, schedule } = scenarioOf("dgxc-v25.04-nemotron-4-340b-bf16-h100-g256-pretrain").training
    expect([parallelism.virtualPipeline, schedule]).toEqual([12, "interleaved-1f1b"])
  })

  test("Llama 3 at 16,384 GPUs: (126 + 2) / 16 chunks, FSDP under a pipeline as ZeRO-2", () => {
    const { parallelism, zeroStage, microBatch } = scenarioOf("llama3-405b-g16384-seq8192").training
    expect([parallelism.virtualPipeline, zeroStage, microBatch]).toEqual([8, 2, 1])
  })

  test("a mixture: Mixtral with its experts' own layout when folded, else that of tensor parallelism", () => {
    const folded = scenarioOf("moefold-t4-mixtral-8x22b-mcore-w-folding-g128").training
    expect(folded.parallelism).toMatchObject({ tensor: 2, pipeline: 8, data: 8, expert: 8, expertTensor: 1 })
    const plain = scenarioOf("moefold-t4-mixtral-8x22b-mcore-g128")
    expect(plain.training.parallelism).toMatchObject({ expert: 4, expertTensor: 2 })
    expect(plain.model).toBe("mixtral-8x22b")
    expect(plain.training.stack).toBe("megatron-core")
  })

  test("Grok-1 with the head size of 128 that hidden / heads happens to give, 8 experts of 32,768", () => {
    expect(scenarioOf("dgxc-v25.02-grok-1-314b-bf16-h100-g1024-pretrain").model).toMatchObject({
      layers: 64,
      vocabulary: 128256,
      experts: { count: 8, active: 2, feedForward: 32768, denseLayers: 0 }
    })
  })

  test("Grok-1's experts are split over tensor ranks until release 25.02, and on GB200", () => {
    const expertTensor = (id: string) => scenarioOf(id).training.parallelism.expertTensor
    expect(expertTensor("dgxc-v25.02-grok-1-314b-bf16-h100-g1024-pretrain")).toBe(4)
    expect(expertTensor("dgxc-v25.05.02-grok-1-314b-bf16-h100-g512-pretrain")).toBe(1)
    expect(expertTensor("dgxc-v25.05-grok-1-314b-bf16-gb200-g128-pretrain")).toBe(4)
  })

  test("Qwen3 keeps its head size of 128 where hidden / heads is 64", () => {
    const point = shipped.find(({ id }) => id.startsWith("mbridge-26.06-pretrain-qwen3_235b_a22b-gb300"))
    expect(point === undefined ? undefined : mapped(point).model.headDimension).toBe(128)
  })

  test("NeMo's long sequences keep TP and DP, and derive the context size: 1024 / (4 x 4)", () => {
    const { parallelism, sequenceLength, precision } = scenarioOf("nemo-longseq-llama3-8b-1024k-cp").training
    expect(parallelism).toMatchObject({ tensor: 4, pipeline: 1, data: 4, context: 64 })
    expect([sequenceLength, precision]).toEqual([1048576, "fp8"])
  })

  test("zero-bubble schedules by their names here", () => {
    expect(scenarioOf("zb-6.2B-m32-ZB-2p").training.schedule).toBe("zb-2p")
    expect(scenarioOf("zb-6.2B-m32-ZB-1p").training.schedule).toBe("zb-1p")
    expect(scenarioOf("zb-6.2B-m64-1F1B-I").training).toMatchObject({
      schedule: "interleaved-1f1b",
      parallelism: { virtualPipeline: 4 }
    })
  })

  test("GPT-NeoX's 1538 sequences, which 12 replicas cannot share, become 1536", () => {
    const point = shipped.find(({ id }) => id === "neox20b-96")
    if (point === undefined) throw new Error("no NeoX")
    expect(mapped(point).scenario.training.globalBatch).toBe(1536)
    expect(mapped(point).measuredBatch).toBe(1538)
    expect(mapped(point).assumptions).toContain("global batch 1536 in place of 1538")
  })

  test("fms-fsdp's selective recomputation by HFU / MFU: 3 x (0.69 / 0.61 - 1) of 40 layers", () => {
    expect(scenarioOf("fmsfsdp-13b-a100-g128").training.recompute).toEqual({ blocks: 16 })
    expect(scenarioOf("fmsfsdp-7b-h100-g96")).toMatchObject({
      cluster: { network: { link: "ib-ndr", nicsPerNode: 2 } },
      training: { sharding: { group: 8 }, zeroStage: 3 }
    })
  })
})

describe("the stack", () => {
  const stackOf = (changes: Partial<Measurement>) => mapped(changed(changes)).scenario.training.stack

  test("is the point's own where it names one", () => {
    expect(stackOf({ stack: "generic-legacy" })).toBe("generic-legacy")
  })

  test("on Jean Zay is the slower one before 25 February 2022", () => {
    const prequel = "bigscience-workshop/bigscience train/tr11-176B-ml/chronicles-prequel.md, 'Section'"
    expect(stackOf({ source: prequel, notes: "dated 02-24 (2022)" })).toBe("megatron-deepspeed-2022-02")
    expect(stackOf({ source: prequel, notes: "2022-02-25" })).toBe("megatron-deepspeed")
    expect(stackOf({ source: prequel, id: "bloom-prequel-02-21-n48" })).toBe("megatron-deepspeed-2022-02")
    expect(stackOf({ source: prequel.replace("Section", "Rebalancing layers"), id: "x" })).toBe("megatron-deepspeed")
  })

  test("of Megatron-Bridge's mixtures in MXFP8 is the fused one from 26.06 on, but where a recipe had it later", () => {
    const stackAt = (id: string) => scenarioOf(id).training.stack
    expect(stackAt("mbridge-26.06-pretrain-deepseekv3-gb200-mxfp8-g256")).toBe("megatron-bridge-2606")
    expect(stackAt("mbridge-26.08-pretrain-qwen3_30b_a3b-gb300-mxfp8-g8")).toBe("megatron-bridge-2606")
    expect(stackAt("mbridge-26.04-pretrain-deepseekv3-gb200-mxfp8-g256")).toBe("megatron-bridge")
    expect(stackAt("mbridge-26.06-pretrain-deepseekv3-b300-mxfp8-g256")).toBe("megatron-bridge")
    expect(stackAt("mbridge-26.06.01-pretrain-gpt_oss_120b-gb200-mxfp8-g64")).toBe("megatron-bridge")
    expect(stackAt("mbridge-26.06-pretrain-llama3.1_405b-gb200-mxfp8-g256")).toBe("megatron-bridge")
  })

  test("of Megatron-Bridge's sharded runs is Megatron-FSDP, also in ModelZoo", () => {
    expect(scenarioOf("mbridge-26.02.01-pretrain-llama3_70b-gb200-fp8-g64").training.stack).toBe("megatron-fsdp")
    expect(scenarioOf("moezoo-qwen3-235b-2").training).toMatchObject({ stack: "megatron-fsdp", zeroStage: 3 })
  })

  test.each(["mtnlg-530b-g2240", "glm130b-768", "neox20b-96"])("of %s is DeepSpeed's pipeline engine", (id) => {
    expect(scenarioOf(id).training.stack).toBe("megatron-deepspeed")
  })

  test("of an unknown source follows the schedule, then sharding and generation", () => {
    const unknown: Partial<Measurement> = { id: "x", source: "someone's blog", schedule: null }
    const h100 = { gpu: "H100-80GB", gpus: 384, gpus_per_node: 8 }
    expect(stackOf(unknown)).toBe("generic-legacy")
    expect(stackOf({ ...unknown, cluster: h100 })).toBe("generic-modern")
    expect(stackOf({ ...unknown, schedule: "ZB-2p" })).toBe("zero-bubble")
    expect(stackOf({ ...unknown, cluster: h100, parallel: { tp: 1, pp: 1, dp: 384, fsdp: true } })).toBe("generic-fsdp")
    expect(stackOf({ ...unknown, source: "NVIDIA/dgxc-benchmarking tag v25.02" })).toBe("nemo-24")
    expect(stackOf({ ...unknown, source: "NVIDIA/dgxc-benchmarking tag v25.11" })).toBe("megatron-bridge")
  })
})

describe("what a source leaves out", () => {
  test("layers come from the parameters and the pipeline: 181e9 at width 14,336 are 72", () => {
    const point = changed({
      model: { name: "BLOOM-proto-181B", hidden: 14336, heads: 64, vocab: 250880, seq_len: 2048 }
    })
    expect(mapped(point).model.layers).toBe(72)
    expect(mapped(point).model.feedForward).toBe(57344)
    expect(mapped(point).assumptions).toContain("72 layers, from the parameters and the pipeline")
  })

  test("a known model needs no sizes", () => {
    const point = changed({ model: { name: "LLAMA3_70B" }, parallel: { tp: 4, pp: 4 } })
    expect(mapped(point).scenario.model).toBe("llama-3.1-70b")
    expect(mapped(point).scenario.training).toMatchObject({ sequenceLength: 8192, parallelism: { data: 24 } })
  })

  test("precision follows the generation", () => {
    expect(mapped(changed({ precision: null })).scenario.training.precision).toBe("fp16")
  })

  test("an interleaved schedule runs multiples of its stages: 13 micro-batches on 12 stages become 12", () => {
    const point = changed({
      parallel: { tp: 4, pp: 12, dp: 8, vpp: 3 },
      batch: { micro: 1, global: 104 },
      model: { ...bloom.model, layers: 72 }
    })
    expect(mapped(point).scenario.training.globalBatch).toBe(96)
  })
})

describe("a point that no scenario can express says why:", () => {
  test.each<[string, Partial<Measurement>]>([
    ["not a measured training speed (calculated)", { kind: "calculated" }],
    ["cluster.gpus is not a number", { cluster: { ...bloom.cluster, gpus: "128-512" } }],
    ["parallel.pp is not a size", { parallel: { tp: 4, pp: 0, dp: 8 } }],
    ["parallel.tp is not a size", { parallel: { tp: -4, pp: 12, dp: 8 } }],
    ["the accelerator is not in the catalogue", { cluster: { gpu: "Abacus", gpus: 8 } }],
    ["the number of accelerators is not given", { cluster: { gpu: "A100-80GB" }, parallel: null }],
    ["the parallel layout is not given", { parallel: null }],
    ["the layout does not multiply out to the accelerators", { parallel: { tp: 5, pp: 7, dp: 8 } }],
    ["state-space layers are not modelled", { model: { name: "Nemotron_3_Super" } }],
    ["linear-attention layers are not modelled", { model: { name: "Qwen3-Next-80B-A3B" } }],
    ["the model is not in the catalogue", { model: { name: "Unheard-of 7B" } }],
    ["the model's shape is not given", { model: { name: "GPT-99B" } }],
    ["the precision is not one we know", { precision: "roman numerals" }]
  ])("%s", (reason, changes) => {
    expect(reasonOf(changed(changes))).toBe(reason)
  })
})

describe("all shipped points", () => {
  const results = shipped.map((point) => ({ point, result: toScenario(point) }))
  const scenarios = results.flatMap(({ result }) => (isRefusal(result) ? [] : [result]))

  test("nine in ten of the trusted training speeds are expressible", () => {
    const trusted = results.filter(({ point }) => point.kind === "pretrain" && Number(point.trust) <= 2)
    const covered = trusted.filter(
      ({ result }) =>
        !isRefusal(result) &&
        [speedOf(result), memoryOf(result), outOfMemoryOf(result)].some((one) => one !== undefined)
    )
    expect(trusted).toHaveLength(739)
    expect(covered.length / trusted.length).toBeGreaterThan(0.9)
  })

  test("have layouts that multiply out and batches that divide", () => {
    for (const { scenario } of scenarios) {
      const { tensor, pipeline, data, context, expert, expertTensor } = scenario.training.parallelism
      expect([scenario.name, tensor * pipeline * data * context]).toEqual([
        scenario.name,
        scenario.cluster.accelerators
      ])
      expect((tensor * context * data) % ((expert ?? 1) * (expertTensor ?? 1))).toBe(0)
      expect(scenario.training.globalBatch % (data * scenario.training.microBatch)).toBe(0)
    }
  })

  test("extend models that the catalogue has", () => {
    const known = new Set(models.map(({ name }) => name))
    for (const { scenario } of scenarios) {
      const name = typeof scenario.model === "string" ? scenario.model : scenario.model.extends
      expect([scenario.name, known.has(name)]).toEqual([scenario.name, true])
    }
  })

  test("map alike without their notes, save for BLOOM's dates, which their ids hold too", () => {
    const silent = ({ notes: _notes, ...point }: Measurement): Measurement => point
    for (const { point, result } of results) {
      const without = toScenario(silent(point))
      expect(isRefusal(without) ? without : without.scenario).toEqual(isRefusal(result) ? result : result.scenario)
    }
  })

  test("survive any one field gone", () => {
    const groups = [
      "model",
      "cluster",
      "parallel",
      "batch",
      "measured",
      "recompute",
      "precision",
      "schedule",
      "source",
      "trust"
    ] as const
    for (const point of shipped.filter((_, index) => index % 7 === 0)) {
      for (const group of groups) {
        const result = toScenario({ ...point, [group]: null })
        expect(isRefusal(result) ? result.reason : result.scenario.name).not.toBe("")
      }
    }
  })
})
