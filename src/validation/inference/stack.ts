/**
 * Which serving stack a measurement ran on, and which version of it.
 *
 * The point's own `stack` wins. Else the words of its engine decide, then those of its source; software that nobody here
 * knows gets a generic preset by the kind of its workload. A version is what the engine's text says, else what was
 * current when the source measured.
 */
import { find, isUnknownName } from "../../catalog/index.ts"
import type { InferencePoint } from "./point.ts"

export interface StackChoice {
  readonly stack: string
  /** undefined = the stack's newest. */
  readonly version?: string
  readonly assumption?: string
}

interface Rule {
  readonly match: RegExp
  /** Asked only where the words match as well. */
  readonly when?: (point: InferencePoint) => boolean
  readonly stack: string
  readonly version?: (point: InferencePoint) => string | undefined
}

const versionIn =
  (before: RegExp) =>
  (point: InferencePoint): string | undefined =>
    new RegExp(`${before.source}[ -]*v?(\\d+(?:\\.[\\w.+]+)?)`, "i").exec(point.engine)?.[1]

const isInt8 = (point: InferencePoint): boolean => /int8|8.?bit/i.test(`${point.precision} ${point.engine}`)
const isParallel = (point: InferencePoint): boolean => Number(point.parallel.tp ?? 1) > 1

/**
 * MLPerf's logs name TensorRT alone. TensorRT-LLM 0.9 builds on TensorRT 9.3, 0.10 on 10.0, 0.11 on 10.1, 0.12 on 10.3,
 * 0.13 on 10.4, 0.16 on 10.7, 0.17 on 10.8 (its release notes).
 */
const byTensorRt = (point: InferencePoint): string => {
  const found = /tensorrt (\d+)\.(\d+)/i.exec(point.engine)
  const version = Number(found?.[1] ?? 10) * 100 + Number(found?.[2] ?? 2)
  const releases = [
    [1008, "0.17"],
    [1007, "0.16"],
    [1004, "0.13"],
    [1003, "0.12"],
    [1001, "0.11"],
    [1000, "0.10"]
  ] as const
  return releases.find(([least]) => version >= least)?.[1] ?? "0.9"
}

/** Version that a source without one most likely ran, by what it says of itself. */
const dates: readonly { readonly match: RegExp; readonly versions: Readonly<Record<string, string>> }[] = [
  // InferenceMAX began in October 2025; AIConfigurator's samples of it are of that winter.
  { match: /inference(max|x)|aic|silicon/i, versions: { "vllm-v1": "0.12", "tensorrt-llm": "1.0", sglang: "0.5" } },
  // Azure's guide ran benchmark.py of the first half of 2024.
  { match: /azure/i, versions: { "tensorrt-llm": "0.8" } },
  { match: /mlperf/i, versions: { "tensorrt-llm": "0.11" } }
]

const dated =
  (stack: string, before: RegExp) =>
  (point: InferencePoint): string | undefined =>
    versionIn(before)(point) ??
    dates.find(({ match }) => match.test(`${point.group} ${point.source} ${point.notes}`))?.versions[stack]

const vllmVersion = versionIn(/vllm/)
const minor = (version: string | undefined): number | undefined => {
  const found = /^(\d+)\.(\d+)/.exec(version ?? "")
  return found === null ? undefined : Number(found[1]) * 1000 + Number(found[2])
}
const isBefore =
  (limit: number) =>
  (point: InferencePoint): boolean =>
    (minor(vllmVersion(point)) ?? Infinity) < limit

/** Sources of 2023 that name vLLM without a version. */
const early = /splitwise|sfc|2023|llama-?2/i

/** First match wins; tried on the engine's words, then on the source's. */
const rules: readonly Rule[] = [
  { match: /ds-?zero|zero-?3|zero-?inference|deepspeed.*zero\b/i, stack: "deepspeed-zero-inference" },
  { match: /deepspeed-?mii|fastgen|\bmii\b/i, stack: "deepspeed-mii" },
  { match: /(hf|hugging|generate|foundry).*deepspeed/i, stack: "hf-generate-deepspeed" },
  { match: /(ds|deepspeed)-?inference|zeroquant/i, when: isInt8, stack: "deepspeed-inference-int8" },
  { match: /(ds|deepspeed)-?inference|deepspeed/i, stack: "deepspeed-inference" },
  { match: /bitsandbytes|llm\.int8/i, stack: "accelerate-int8" },
  { match: /accelerate|device_map/i, when: isInt8, stack: "accelerate-int8" },
  { match: /accelerate|device_map/i, stack: "accelerate" },
  { match: /pytorch pp/i, stack: "transformers-pipeline", version: () => "2" },
  { match: /rust server|pipelined requests/i, stack: "transformers-pipeline", version: () => "1" },
  {
    match: /pytorch tp.*(fused|custom|kernel)/i,
    when: ({ engine }) => !/jit/i.test(engine),
    stack: "transformers-tp",
    version: () => "3"
  },
  { match: /pytorch tp.*jit/i, stack: "transformers-tp", version: () => "2" },
  { match: /pytorch tp/i, stack: "transformers-tp", version: () => "1" },
  { match: /fastertransformer/i, stack: "fastertransformer" },
  { match: /megatron/i, stack: "megatron-generate" },
  { match: /llama\.?cpp|ggml|gguf|ollama/i, stack: "llama-cpp" },
  {
    match: /tensorrt-?llm|trt-?llm/i,
    stack: "tensorrt-llm",
    version: dated("tensorrt-llm", /(?:tensorrt-?llm|trt-?llm)/)
  },
  { match: /tensorrt/i, stack: "tensorrt-llm", version: byTensorRt },
  // CUDA graphs came with vLLM 0.2.6, engine v1 by default with 0.8.
  { match: /vllm/i, when: isBefore(3), stack: "vllm-v0-eager", version: vllmVersion },
  { match: /vllm/i, when: isBefore(8), stack: "vllm-v0", version: vllmVersion },
  {
    match: /vllm/i,
    when: (point) => vllmVersion(point) === undefined && early.test(`${point.group} ${point.source} ${point.engine}`),
    stack: "vllm-v0-eager"
  },
  { match: /vllm/i, stack: "vllm-v1", version: dated("vllm-v1", /vllm/) },
  { match: /sglang/i, stack: "sglang", version: dated("sglang", /sglang/) },
  { match: /llm-?foundry|hugging|transformers|generate|^hf\b/i, when: isParallel, stack: "hf-generate-deepspeed" },
  { match: /llm-?foundry|hugging|transformers|generate|^hf\b/i, stack: "hf-generate" }
]

/** The release part of "1.0.0rc3" or "0.4.3+rocm614". */
const release = (version: string): string => version.replace(/[+?].*$/, "")

/**
 * @param continuous whether requests come and go while others run
 */
export const servingStackOf = (point: InferencePoint, continuous: boolean): StackChoice => {
  const own = point.version === "" ? {} : { version: point.version }
  if (point.stack !== "") {
    const entry = find("serving-stacks", point.stack)
    if (!isUnknownName(entry)) return { stack: entry.name, ...own }
  }
  for (const words of [point.engine, `${point.source} ${point.group}`]) {
    const rule = rules.find(({ match, when }) => match.test(words) && (when === undefined || when(point)))
    if (rule === undefined) continue
    const version = point.version === "" ? rule.version?.(point) : point.version
    return {
      stack: rule.stack,
      ...(version === undefined ? {} : { version: release(version) }),
      ...(/\d/.test(point.engine) || point.version !== ""
        ? {}
        : { assumption: `version of ${rule.stack} not stated: ${version ?? "the newest"}` })
    }
  }
  const stack = continuous ? "generic-continuous" : "generic-static"
  return { stack, assumption: point.engine === "" ? `engine not stated: ${stack}` : `unknown engine: ${stack}` }
}
