/**
 * How a measured server was laid over its accelerators: what the point states, completed by rules for all sources.
 *
 * Silent about tensor parallelism: one batch takes all accelerators; independent requests run on as many replicas as
 * possible, each on the smallest power of two of accelerators that leaves a fifth of the memory for keys and values
 * (what MLPerf's published configurations do). Mixtures of experts under TensorRT-LLM 1.0 attend data-parallel. ZeRO
 * shards the weights over ranks with requests of their own.
 */
import { find, isUnknownName, type Accelerator, type Model } from "../../catalog/index.ts"
import { countParameters } from "../../transformer/index.ts"
import type { InferencePoint } from "./point.ts"
import { countOf, isRefused, truthOf, type Refusal } from "./reading.ts"

export interface ServingLayout {
  readonly tensor: number
  readonly pipeline: number
  readonly expert: number
  readonly dataAttention: number
  readonly replicas: number
  readonly assumptions: readonly string[]
}

interface Given {
  readonly point: InferencePoint
  readonly model: Model
  readonly accelerator: Accelerator
  readonly accelerators: number
  readonly stack: string
  readonly version: string | undefined
  readonly precision: string
  /** Requests are independent of each other, so that a replica more serves more of them. */
  readonly independent: boolean
}

/** Share of the memory that weights may fill. */
const weightShare = 0.8

const bytesPerParameter = (precision: string): number => {
  const entry = find("quantisations", precision)
  return isUnknownName(entry) ? 2 : entry.weightBytes.body
}

const smallest = ({ model, accelerator, accelerators, precision }: Given): number => {
  const bytes = countParameters(model).total * bytesPerParameter(precision)
  let size = 1
  while (size * 2 <= accelerators && bytes > size * weightShare * accelerator.memory.bytes) size *= 2
  return size
}

/** Ways to say that attention is data-parallel. */
const dataParallel = /attention-?dp|dp-?attention|data-?parallel attention/i

export const servingLayoutOf = (given: Given): ServingLayout | Refusal => {
  const { point, model, accelerators, stack, version } = given
  const said = point.parallel
  const tp = countOf(said.tp, "parallel.tp")
  const pp = countOf(said.pp, "parallel.pp")
  const ep = countOf(said.ep, "parallel.ep")
  const stated = countOf(said.replicas, "parallel.replicas")
  const dp = countOf(said.dp, "parallel.dp")
  for (const size of [tp, pp, ep, stated, dp]) if (isRefused(size)) return size
  const sizes = { tp, pp, ep, stated, dp } as Readonly<Record<"tp" | "pp" | "ep" | "stated" | "dp", number | undefined>>
  const assumptions: string[] = []

  if (stack === "deepspeed-zero-inference") {
    const replicas = sizes.stated ?? 1
    const ranks = Math.max(1, Math.floor(accelerators / replicas))
    return { tensor: 1, pipeline: 1, expert: 1, dataAttention: ranks, replicas, assumptions }
  }
  let pipeline = sizes.pp ?? 1
  let tensor = sizes.tp
  if (tensor === undefined && sizes.pp === undefined && isPipeline(stack)) {
    pipeline = accelerators
    tensor = 1
  }
  if (tensor === undefined) {
    tensor = given.independent && sizes.pp === undefined ? smallest(given) : largest(accelerators / pipeline, model)
    if (accelerators > 1) assumptions.push(`tensor parallel ${tensor}, not stated`)
  }
  const isMixture = model.experts !== null
  const attends =
    truthOf(said.attention_dp) ??
    (isMixture && dataParallel.test(point.notes) && !(stack === "tensorrt-llm" && (version ?? "").startsWith("0.")))
  let dataAttention = 1
  let expert = isMixture ? (sizes.ep ?? 1) : 1
  // The width of a replica as printed is its number of accelerators: under data-parallel attention nothing else is split.
  if (attends && isMixture && tensor > 1) {
    dataAttention = tensor
    expert = sizes.ep ?? tensor
    tensor = 1
    assumptions.push(`attention data-parallel over ${dataAttention}, experts over ${expert}`)
  }
  const width = tensor * dataAttention * pipeline
  if (width > accelerators) {
    if (tensor % 2 === 0 && expert > 1 && width / expert <= accelerators) {
      // Some tables print the product of tensor and expert sizes.
      tensor /= expert
      assumptions.push(`tensor parallel ${tensor}: the source prints its product with the experts' size`)
    } else return { reason: `a replica of ${width} accelerators does not fit in ${accelerators}` }
  }
  const most = Math.max(1, Math.floor(accelerators / (tensor * dataAttention * pipeline)))
  const replicas = Math.min(most, sizes.stated ?? sizes.dp ?? most)
  if (sizes.stated === undefined && replicas > 1) assumptions.push(`${replicas} replicas, not stated`)
  return { tensor, pipeline, expert: Math.min(expert, tensor * dataAttention), dataAttention, replicas, assumptions }
}

const isPipeline = (stack: string): boolean => /^(accelerate|transformers-pipeline|llama-cpp)/.test(stack)

/** Largest size up to `most` that divides the heads. */
const largest = (most: number, model: Model): number => {
  let size = Math.max(1, Math.floor(most))
  while (size > 1 && model.heads % size !== 0) size--
  return size
}
