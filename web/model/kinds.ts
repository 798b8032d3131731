/**
 * Kinds of work, and the one colour that each has everywhere: that of `charts`.
 *
 * A colour class is a kind in one of its shades: forward and backward are two shades of one hue.
 */
import { colours, luminance, type Colour } from "../../src/charts/index.ts"

export const kinds = ["compute", "tensor", "pipeline", "data", "expert", "context", "memory", "host", "other"] as const
export type Kind = (typeof kinds)[number]

export const kindLabels: Readonly<Record<Kind, string>> = {
  compute: "compute",
  tensor: "tensor parallel",
  pipeline: "pipeline sends",
  data: "data parallel",
  expert: "expert parallel",
  context: "context parallel",
  memory: "memory traffic",
  host: "host",
  other: "other"
}

interface ColourClass {
  readonly kind: Kind
  readonly shade: "plain" | "backward"
  readonly light: string
  readonly dark: string
}

/** In the order of the palette. */
export const colourClasses: readonly ColourClass[] = (Object.keys(colours) as readonly Colour[]).map((name) => ({
  kind: name === "backward" ? "compute" : name,
  shade: name === "backward" ? "backward" : "plain",
  ...colours[name]
}))

const classOf = (kind: Kind, shade: ColourClass["shade"] = "plain"): number =>
  colourClasses.findIndex((one) => one.kind === kind && one.shade === shade)

const [forward, backward] = [classOf("compute"), classOf("compute", "backward")]
const [tensor, pipeline, data, expert, context, memory, host, other] = (
  ["tensor", "pipeline", "data", "expert", "context", "memory", "host", "other"] as const
).map((kind) => classOf(kind)) as [number, number, number, number, number, number, number, number]

/** Streams of simulated ranks and replicas, by the last part of a track's path. */
const streams: ReadonlyMap<string, number> = new Map([
  ["compute", forward],
  ["schedule", forward],
  ["steps", forward],
  ["kernels", forward],
  ["communication", tensor],
  ["scheduling", host],
  ["tensor", tensor],
  ["pipeline", pipeline],
  ["data", data],
  ["expert", expert],
  ["context", context],
  ["memory", memory],
  ["host", host],
  // Of the course of a whole run.
  ["saving", memory],
  ["until noticed", pipeline],
  ["swapping nodes", data],
  ["restart", host]
])

const isBackward = (name: string): boolean => /^(?:B|Bi|W) \d|gradient|backward|recompute|^(?:\d+ )?decode/i.test(name)

/** What memory-bound bookkeeping is called. */
const isTraffic = (name: string): boolean =>
  /^(?:optimizer|gradient accumulation|swap|offload|load weights|shard cop)|memcpy|memset|\bcopy\b/i.test(name)

/** Collectives and copies of recorded traces, by what NCCL, PyTorch and CUDA call them. */
const recorded: readonly (readonly [pattern: RegExp, colour: number])[] = [
  [/nccl\w*(?:send|recv)|\b(?:send|recv|isend|irecv)\b|batch_isend|\bp2p\b/i, pipeline],
  [/all_?to_?all/i, expert],
  [/nccl|all_?reduce|reduce_?scatter|all_?gather|broadcast|\bc10d\b/i, data],
  [/memcpy|memset|\bhtod\b|\bdtoh\b/i, memory]
]

/** Categories of PyTorch's profiler and Chrome that are the host's. */
const isHostCategory = (category: string): boolean =>
  /cpu_op|python|runtime|driver|user_annotation|overhead|cpu|v8|toplevel|gpu_user/i.test(category)

/**
 * The colour class of a slice.
 *
 * @param stream    last part of its track's path
 * @param category  what a recorded trace says of it; empty for simulated ones
 */
export const colourOf = (stream: string, name: string, category = ""): number => {
  const known = streams.get(stream)
  if (known === forward) return isTraffic(name) ? memory : isBackward(name) ? backward : forward
  if (known !== undefined) return known
  if (/^(?:prefill|decode|step|mixed|batch)\b/i.test(name)) return isBackward(name) ? backward : forward
  if (/^(?:queue|wait|idle|preempt)/i.test(name)) return other
  const found = recorded.find(([pattern]) => pattern.test(name))
  if (found !== undefined) return isHostCategory(category) ? host : found[1]
  if (category === "") return isTraffic(name) ? memory : other
  return isHostCategory(category) ? host : isTraffic(name) ? memory : forward
}

export const kindOfColour = (colour: number): Kind => colourClasses[colour]?.kind ?? "other"

/** Colours by class for a ground. */
export const palette = (ground: "light" | "dark"): readonly string[] => colourClasses.map((one) => one[ground])

/** Black or white, whichever stands out more on a colour. */
export const inkOn = (hex: string): "#000000" | "#ffffff" => (luminance(hex) > 0.179 ? "#000000" : "#ffffff")
