/**
 * What `python -m sglang.launch_server` is told, as settings of a scenario.
 */
import { adaptersExtra, draftOf, speculationExtra } from "./extras.ts"
import type { FlagReader } from "./flag-values.ts"
import type { FormatsRead } from "./number-formats.ts"
import type { ServerCommand } from "./server-command.ts"
import { assumed, given, notModelled, stackWith, type Extra, type Remark, type ServerSettings } from "./settings.ts"

const gibibyte = 2 ** 30

const routers: Readonly<Record<string, string>> = {
  round_robin: "round-robin",
  shortest_queue: "least-requests",
  total_requests: "least-requests",
  minimum_tokens: "least-tokens",
  total_tokens: "least-tokens"
}

export const sglangSettings = (
  command: ServerCommand,
  flags: FlagReader,
  formats: FormatsRead,
  positional: readonly string[]
): ServerSettings => {
  const tensor = flags.count("tp-size") ?? 1
  const data = flags.count("dp-size") ?? 1
  // With attention apart, the tensor-parallel ranks are divided into dp groups; without, there are dp copies of them.
  const apart = flags.isOn("enable-dp-attention") === true && data > 1
  const sharesExperts = flags.isOn("enable-ep-moe") === true || flags.isOn("enable-deepep-moe") === true
  const running = flags.count("max-running-requests")
  const total = flags.tokens("max-total-tokens")
  const balance = flags.word("load-balance-method")
  const router = balance === undefined ? undefined : routers[balance]
  const prefix = flags.isOn("disable-radix-cache")
  const budget = budgetOf(flags)
  const page = flags.count("page-size")
  return {
    stack: stackWith("sglang", {
      graphs: flags.isOn("disable-cuda-graph") === true ? "none" : undefined,
      allReduce: flags.isOn("disable-custom-all-reduce") === true ? "nccl" : undefined
    }),
    version: command.version,
    model: flags.word("model-path") ?? positional[0],
    tensor: apart ? Math.max(1, Math.floor(tensor / data)) : tensor,
    pipeline: flags.count("pp-size") ?? 1,
    data,
    dataAttention: apart,
    expert: flags.count("ep-size") ?? (sharesExperts ? "all" : 1),
    precision: formats.precision,
    maxSequence: flags.tokens("context-length"),
    router,
    limitsAreOfRank: false,
    batching: given({
      maxBatchSize: running,
      // Its budget is for prompts alone; a scenario's must have room for a token of every sequence as well.
      maxBatchTokens: budget === undefined ? undefined : Math.max(budget, running ?? 1),
      order: flags.isOn("enable-priority-scheduling") === true ? "priority" : undefined
    }),
    kvCache: given({
      blockTokens: page,
      precision: formats.keyValuePrecision,
      memoryUtilisation: flags.number("mem-fraction-static", 0.01, 1),
      blocks: total === undefined ? undefined : Math.max(1, Math.floor(total / (page ?? 1))),
      prefixCaching: prefix === true ? false : undefined
    }),
    offloadBytes: (flags.number("cpu-offload-gb", 0, 1e6) ?? 0) * gibibyte,
    freeMemoryShare: undefined,
    queueLimit: flags.count("max-queued-requests"),
    adapters: sglangAdapters(flags),
    speculation: sglangSpeculation(flags),
    remarks: [...formats.remarks, ...remarksOf(flags, { tensor, data, apart, balance, router })]
  }
}

/** Its own default: eight adapters at once; their rank is read out of them. */
const sglangAdapters = (flags: FlagReader): Extra | undefined => {
  const places = flags.count("max-loras-per-batch") ?? 8
  const rank = flags.count("max-lora-rank")
  const held = flags.count("max-loaded-loras") ?? places
  if (flags.isOn("enable-lora") !== true && !flags.has("lora-paths")) return undefined
  const named = flags.given("lora-paths")?.values.length ?? 0
  return adaptersExtra({ named, atLeast: Math.max(places, held), rank, places })
}

/** A chain of guesses alone: a tree of them (top-k above 1) verifies more rows than it can accept. */
const sglangSpeculation = (flags: FlagReader): Extra | undefined => {
  const algorithm = flags.word("speculative-algorithm")
  const steps = flags.count("speculative-num-steps")
  const ways = flags.count("speculative-eagle-topk")
  const rows = flags.count("speculative-num-draft-tokens")
  if (algorithm === undefined) return undefined
  const draft = draftOf(algorithm)
  const isChain = ways === 1 && (rows === undefined || steps === undefined || rows === steps + 1)
  return speculationExtra({
    written: flags.given("speculative-algorithm")?.written ?? algorithm,
    draft,
    model: flags.word("speculative-draft-model-path"),
    tokens: steps,
    why:
      draft === "ngram" || (draft !== undefined && !isChain)
        ? "its guesses are a tree unless --speculative-eagle-topk is 1, and a scenario's are a chain"
        : undefined
  })
}

/** Tokens of a prefill step; -1 turns chunks off. */
const budgetOf = (flags: FlagReader): number | undefined =>
  flags.word("chunked-prefill-size") === "-1"
    ? flags.tokens("max-prefill-tokens")
    : (flags.tokens("chunked-prefill-size") ?? flags.tokens("max-prefill-tokens"))

interface Layout {
  readonly tensor: number
  readonly data: number
  readonly apart: boolean
  readonly balance: string | undefined
  readonly router: string | undefined
}

const remarksOf = (flags: FlagReader, { tensor, data, apart, balance, router }: Layout): readonly Remark[] => {
  const policy = flags.word("schedule-policy")
  return [
    ...(policy === undefined || policy === "fcfs"
      ? []
      : [notModelled(`--schedule-policy ${policy}: waiting requests are taken in order of arrival`)]),
    ...(flags.isOn("enable-mixed-chunk") === true
      ? [notModelled("--enable-mixed-chunk: prompts and decodes in one step")]
      : []),
    ...(balance === undefined || router !== undefined
      ? []
      : [notModelled(`--load-balance-method ${balance}: requests are divided in turn`)]),
    ...(apart && tensor % data !== 0
      ? [
          assumed(
            `tensor ${Math.max(1, Math.floor(tensor / data))}: ${data} attention groups do not divide ${tensor} ranks`
          )
        ]
      : [])
  ]
}
