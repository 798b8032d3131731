/** Measurements of inference as files hold them, for the tests of this room. */
import {
  decodeInferencePoint,
  isOdd,
  isRefusal,
  toServingScenario,
  type InferencePoint,
  type MappedInference
} from "../../src/validation/index.ts"

/** BLOOM-176B through accelerate on eight A100, one sentence at a time. */
export const bloomScript = {
  id: "bloom_8xA100_accelerate_bf16_bs1",
  group: "hf-bloom-scripts",
  source: "hf-bloom-scripts",
  url: "https://huggingface.co/blog/bloom-inference-pytorch-scripts",
  trust: "high",
  model: {
    name: "BLOOM-176B",
    params_b: 176,
    layers: 70,
    hidden: 14336,
    heads: 112,
    kv_heads: 112,
    ffn: 57344,
    vocab: 250880,
    pos: "alibi"
  },
  cluster: { gpu: "A100-80GB", n: 8, intra: "NVLink/NVSwitch (Jean Zay 8xA100 node, 512GB host RAM)", inter: null },
  parallel: { tp: 1, pp: 8, replicas: 1 },
  engine: "HF accelerate",
  precision: "bf16",
  workload: { input_len: null, output_len: 100, batch: 1, rate: null, concurrency: null },
  measured: { ms_per_token: 230.38, step_ms: 230.38, e2e_ms: 23038 },
  metric_def: "ms_per_token = wall time of generate() / (batch_size*new_tokens), i.e. INVERSE THROUGHPUT",
  notes: ""
}

type Written = Readonly<Record<string, unknown>>

export const changedScript = (changes: Written): Written => ({ ...bloomScript, ...changes })

export const pointOf = (written: Written): InferencePoint => {
  const point = decodeInferencePoint(written, 0)
  if (isOdd(point)) throw new Error(`${point.id}: ${point.reason}`)
  return point
}

export const mappedOf = (written: Written): MappedInference => {
  const mapped = toServingScenario(pointOf(written))
  if (isRefusal(mapped)) throw new Error(`${String(written.id)}: ${mapped.reason}`)
  return mapped
}

/** Why a point has no scenario. */
export const reasonOf = (written: Written): string => {
  const point = decodeInferencePoint(written, 0)
  if (isOdd(point)) return point.reason
  const mapped = toServingScenario(point)
  return isRefusal(mapped) ? mapped.reason : "expressible"
}
