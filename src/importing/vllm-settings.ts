/**
 * What `vllm serve` and the older `python -m vllm.entrypoints.openai.api_server` are told, as settings of a scenario.
 */
import { adaptersExtra, draftOf, methodOfModel, speculationExtra } from "./extras.ts"
import type { FlagReader } from "./flag-values.ts"
import type { FormatsRead } from "./number-formats.ts"
import { yamlFields } from "./option-file.ts"
import type { ServerCommand } from "./server-command.ts"
import { assumed, given, notModelled, stackWith, type Extra, type Remark, type ServerSettings } from "./settings.ts"

const gibibyte = 2 ** 30

/** The first version whose engine is v1 unless told otherwise. */
const firstOfV1 = [0, 8] as const

const isOlder = (version: string, [major, minor]: readonly [number, number]): boolean => {
  const [own = 0, part = 0] = version.split(".").map(Number)
  return own < major || (own === major && part < minor)
}

/** v0 where the environment asks for it, or where the image is older than v1. */
const engineOf = ({ environment, version }: ServerCommand): "v0" | "v1" => {
  const asked = environment.get("VLLM_USE_V1")
  if (asked === "0") return "v0"
  if (asked === "1") return "v1"
  return version !== undefined && isOlder(version, firstOfV1) ? "v0" : "v1"
}

export const vllmSettings = (
  command: ServerCommand,
  flags: FlagReader,
  formats: FormatsRead,
  positional: readonly string[]
): ServerSettings => {
  const engine = engineOf(command)
  const chunked = chunking(engine, flags)
  const threshold = flags.count("long-prefill-token-threshold", 0)
  const policy = flags.word("scheduling-policy")
  const swaps = flags.word("preemption-mode") === "swap" && engine === "v0"
  const swapSpace = flags.number("swap-space", 0, 1e6)
  const custom = flags.isOn("disable-custom-all-reduce") === true
  return {
    stack: stackWith(stackName(engine, command.version), {
      graphs: flags.isOn("enforce-eager") === true ? "none" : undefined,
      allReduce: custom ? "nccl" : undefined
    }),
    version: command.version,
    model: flags.word("model") ?? positional[0],
    tensor: flags.count("tensor-parallel-size") ?? 1,
    pipeline: flags.count("pipeline-parallel-size") ?? 1,
    data: flags.count("data-parallel-size") ?? 1,
    dataAttention: false,
    expert: flags.isOn("enable-expert-parallel") === true ? "all" : 1,
    precision: formats.precision,
    maxSequence: flags.tokens("max-model-len"),
    router: undefined,
    limitsAreOfRank: true,
    batching: given({
      ...chunked.batching,
      maxBatchSize: flags.count("max-num-seqs"),
      maxBatchTokens: flags.tokens("max-num-batched-tokens"),
      chunkTokens: chunked.chunkTokens ?? (threshold === 0 || engine === "v0" ? undefined : threshold),
      order: policy === "priority" ? "priority" : undefined
    }),
    kvCache: given({
      blockTokens: flags.count("block-size"),
      precision: formats.keyValuePrecision,
      memoryUtilisation: flags.number("gpu-memory-utilization", 0.01, 1),
      blocks: flags.count("num-gpu-blocks-override"),
      prefixCaching: flags.isOn("enable-prefix-caching"),
      preemption: swaps ? "swap" : undefined,
      swapSpace: swaps && swapSpace !== undefined ? `${swapSpace} GiB` : undefined
    }),
    offloadBytes: (flags.number("cpu-offload-gb", 0, 1e6) ?? 0) * gibibyte,
    freeMemoryShare: undefined,
    queueLimit: undefined,
    adapters: vllmAdapters(flags),
    speculation: vllmSpeculation(flags),
    remarks: [
      ...formats.remarks,
      ...chunked.remarks,
      ...(swapSpace !== undefined && swapSpace > 0 && !swaps
        ? [notModelled(`--swap-space ${swapSpace}: used by --preemption-mode swap of engine v0 alone`)]
        : []),
      ...(policy === undefined || ["fcfs", "priority"].includes(policy)
        ? []
        : [notModelled(`--scheduling-policy ${policy}: first come, first served is taken`)])
    ]
  }
}

/** Its own defaults: one adapter at once, of rank 16. */
const vllmAdapters = (flags: FlagReader): Extra | undefined => {
  const places = flags.count("max-loras") ?? 1
  const rank = flags.count("max-lora-rank") ?? 16
  const held = flags.count("max-cpu-loras") ?? places
  if (flags.isOn("enable-lora") === true)
    return adaptersExtra({
      named: flags.given("lora-modules")?.values.length ?? 0,
      atLeast: Math.max(places, held),
      rank,
      places
    })
  return ["max-loras", "max-lora-rank", "max-cpu-loras", "lora-modules"].some(flags.has)
    ? { fields: undefined, remarks: [assumed("no LoRA adapters, as there is no --enable-lora")] }
    : undefined
}

/** As one JSON object, or as the flags of 0.8 and older. */
const vllmSpeculation = (flags: FlagReader): Extra | undefined => {
  const config = flags.given("speculative-config")
  if (config !== undefined) {
    const fields = yamlFields(config.values[0] ?? "")
    const [method, model, tokens] = [fields?.["method"], fields?.["model"], fields?.["num_speculative_tokens"]]
    const name = typeof model === "string" ? model : ""
    return speculationExtra({
      written: config.written,
      draft: draftOf(typeof method === "string" ? method : methodOfModel(name)),
      model: name,
      tokens: typeof tokens === "number" ? tokens : undefined,
      why: fields === undefined ? "its value is not a JSON object" : undefined
    })
  }
  const name = flags.word("speculative-model")
  const tokens = flags.count("num-speculative-tokens")
  if (name === undefined && tokens === undefined) return undefined
  return speculationExtra({
    written: (flags.given("speculative-model") ?? flags.given("num-speculative-tokens"))?.written ?? "",
    draft: draftOf(methodOfModel(name ?? "")),
    model: name,
    tokens,
    why: name === undefined ? "no draft is named" : undefined
  })
}

const stackName = (engine: "v0" | "v1", version: string | undefined): string => {
  if (engine === "v1") return "vllm-v1"
  return version !== undefined && isOlder(version, [0, 3]) ? "vllm-v0-eager" : "vllm-v0"
}

interface Chunking {
  readonly batching: Readonly<Record<string, unknown>>
  readonly chunkTokens: number | undefined
  readonly remarks: readonly Remark[]
}

/** v1 always has chunks; v0 has whole prompts first, and with chunks decodes first, as Sarathi. */
const chunking = (engine: "v0" | "v1", flags: FlagReader): Chunking => {
  const isOn = flags.isOn("enable-chunked-prefill")
  if (engine === "v1")
    return {
      batching: {},
      chunkTokens: undefined,
      remarks: isOn === false ? [notModelled("--no-enable-chunked-prefill: engine v1 is taken with chunks")] : []
    }
  if (isOn !== true) return { batching: {}, chunkTokens: undefined, remarks: [] }
  const budget = flags.tokens("max-num-batched-tokens")
  return {
    batching: { policy: "sarathi" },
    chunkTokens: budget ?? 512,
    remarks:
      budget === undefined
        ? [assumed("chunkTokens 512, the default of engine v0 with chunked prefill until 0.6.3")]
        : []
  }
}
