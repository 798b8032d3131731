/** What the viewer reads of result.json; every figure is checked to be one, since the file may be anyone's. */
import { computeParts } from "./compute-parts.ts"
import { replicaBreakdown } from "./serving-result.ts"

type Fields = Readonly<Record<string, unknown>>
const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {}
const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined

export interface BreakdownPart {
  readonly name: string
  readonly kind:
    | "compute"
    | "tensor"
    | "pipeline"
    | "data"
    | "expert"
    | "context"
    | "memory"
    | "host"
    | "bubble"
    | "other"
  readonly seconds: number
  /** In the lighter shade of its kind. */
  readonly isLight?: boolean
  /** Of its colour, above 0 to 1; absent = by its place among those of the colour. */
  readonly depth?: number
}

type Look = Pick<BreakdownPart, "isLight" | "depth">

export interface StageMemoryPart {
  readonly stage: number
  readonly peakBytes: number
  readonly kinds: readonly (readonly [name: string, bytes: number])[]
}

export interface RunResult {
  readonly name: string
  readonly kind: "training" | "serving"
  readonly iterationSeconds?: number
  readonly figures: readonly { readonly label: string; readonly value: number; readonly unit: Unit }[]
  /** Parts add up to the iteration, or to the run of a server. */
  readonly breakdown: readonly BreakdownPart[]
  readonly memory: { readonly capacityBytes: number; readonly stages: readonly StageMemoryPart[] } | undefined
  /** FLOP/s of an accelerator at most. */
  readonly peakFlops: number | undefined
  readonly scenario: Fields
  readonly document: Fields
}

export type Unit = "seconds" | "share" | "bytes" | "perSecond" | "flops" | "count" | "money"

const trainingBreakdown = (breakdown: Fields): readonly BreakdownPart[] => {
  const parts: BreakdownPart[] = []
  const add = (name: string, kind: BreakdownPart["kind"], value: unknown, look: Look = {}): void => {
    const seconds = numberOf(value)
    if (seconds !== undefined && seconds > 0) parts.push({ name, kind, seconds, ...look })
  }
  const { accumulation, shardCopies, recompute, ...compute } = fieldsOf(breakdown["compute"])
  for (const { field, name, depth } of computeParts) add(name, "compute", compute[field], { depth })
  const known: readonly string[] = computeParts.map(({ field }) => field)
  for (const [name, value] of Object.entries(compute)) if (!known.includes(name)) add(name, "compute", value)
  add("recomputation", "compute", recompute, { isLight: true })
  const exposed = fieldsOf(breakdown["exposed"])
  add("tensor parallel", "tensor", exposed["tensor"])
  add("context parallel", "context", exposed["context"])
  add("expert parallel", "expert", exposed["expert"])
  add("pipeline sends", "pipeline", exposed["pipeline"])
  add("data parallel", "data", exposed["data"])
  add("optimizer", "memory", breakdown["optimizer"], { depth: 1 })
  add("gradient accumulation", "memory", accumulation, { depth: 0.7 })
  add("copies of shards", "memory", shardCopies, { depth: 0.45 })
  add("host", "host", breakdown["host"])
  add("pipeline bubble", "bubble", breakdown["bubble"])
  return parts
}

/** The result of a document, or undefined where it is none. */
export const readResult = (document: unknown): RunResult | undefined => {
  const whole = fieldsOf(document)
  const result = fieldsOf(whole["result"])
  const kind = result["kind"]
  if (kind !== "training" && kind !== "serving") return undefined
  const scenario = fieldsOf(whole["scenario"])
  const model = typeof scenario["model"] === "string" ? scenario["model"] : "run"
  const name = typeof scenario["name"] === "string" ? scenario["name"].slice(0, 200) : model
  const figures: RunResult["figures"][number][] = []
  const figure = (label: string, value: unknown, unit: Unit): void => {
    const number = numberOf(value)
    if (number !== undefined) figures.push({ label, value: number, unit })
  }
  const iterationSeconds = numberOf(result["iterationSeconds"])
  const memory = fieldsOf(result["memory"])
  const stages = (Array.isArray(memory["stages"]) ? memory["stages"] : []).map(fieldsOf).map((stage, index) => ({
    stage: numberOf(stage["stage"]) ?? index,
    peakBytes: numberOf(stage["peakBytes"]) ?? 0,
    kinds: Object.entries(fieldsOf(stage["kinds"])).flatMap(([name, bytes]) => {
      const number = numberOf(bytes)
      return number !== undefined && number > 0 ? [[name, number] as const] : []
    })
  }))
  const capacityBytes = numberOf(memory["capacityBytes"])
  const [achieved, share] = [numberOf(result["modelFlopsPerAccelerator"]), numberOf(result["modelFlopsUtilisation"])]
  if (kind === "training") {
    figure("iteration", iterationSeconds, "seconds")
    figure("tokens/s", result["tokensPerSecond"], "count")
    figure("tokens/s/GPU", result["tokensPerSecondPerAccelerator"], "count")
    figure("MFU", result["modelFlopsUtilisation"], "share")
    figure("HFU", result["hardwareFlopsUtilisation"], "share")
    figure("bubble", result["pipelineBubbleShare"], "share")
    figure("peak memory", fieldsOf(memory["fullest"])["peakBytes"], "bytes")
    figure("watts/GPU", fieldsOf(result["energy"])["averageWattsPerAccelerator"], "count")
  } else {
    const [throughput, latency] = [fieldsOf(result["throughput"]), fieldsOf(result["latency"])]
    figure("requests/s", throughput["requestsPerSecond"], "count")
    figure("output tokens/s", throughput["outputTokensPerSecond"], "count")
    figure("TTFT p99", fieldsOf(latency["ttft"])["p99"], "seconds")
    figure("TPOT p99", fieldsOf(latency["tpot"])["p99"], "seconds")
    figure("busy", fieldsOf(result["utilisation"])["busy"], "share")
    figure("MFU", fieldsOf(result["utilisation"])["modelFlops"], "share")
    figure("KV cache, mean", fieldsOf(result["load"])["meanKeyValueShare"], "share")
    figure("preemptions", fieldsOf(result["load"])["preemptions"], "count")
  }
  return {
    name,
    kind,
    ...(iterationSeconds === undefined ? {} : { iterationSeconds }),
    figures,
    breakdown: kind === "training" ? trainingBreakdown(fieldsOf(result["breakdown"])) : replicaBreakdown(whole),
    memory: capacityBytes === undefined || stages.length === 0 ? undefined : { capacityBytes, stages },
    peakFlops: achieved !== undefined && share !== undefined && share > 0 ? achieved / share : undefined,
    scenario,
    document: whole
  }
}
