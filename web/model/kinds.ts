/**
 * Kinds of work, and the one colour that each has everywhere.
 *
 * A colour class is a kind in one of its shades: forward and backward are two shades of one hue. The colours keep their
 * distance for readers with protanopia and deuteranopia as well, which test/web/kinds.test.ts computes.
 */

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

export const colourClasses: readonly ColourClass[] = [
  { kind: "compute", shade: "plain", light: "#2973c3", dark: "#3e8add" },
  { kind: "compute", shade: "backward", light: "#91bce9", dark: "#a9cef3" },
  { kind: "tensor", shade: "plain", light: "#e78508", dark: "#ea8e28" },
  { kind: "pipeline", shade: "plain", light: "#0f8974", dark: "#49b999" },
  { kind: "data", shade: "plain", light: "#6a3d97", dark: "#794cb0" },
  { kind: "expert", shade: "plain", light: "#d473b4", dark: "#ef8dc5" },
  { kind: "context", shade: "plain", light: "#dfc93d", dark: "#e5d149" },
  { kind: "memory", shade: "plain", light: "#7a4a1d", dark: "#9d6735" },
  { kind: "host", shade: "plain", light: "#9f9f9f", dark: "#7e7e7e" },
  { kind: "other", shade: "plain", light: "#c8cdd3", dark: "#50565d" }
]

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
  ["host", host]
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

/** Relative luminance of a colour such as #2a6fbb (WCAG 2). */
export const luminance = (hex: string): number => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** Black or white, whichever stands out more on a colour. */
export const inkOn = (hex: string): "#000000" | "#ffffff" => (luminance(hex) > 0.179 ? "#000000" : "#ffffff")
