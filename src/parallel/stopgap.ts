export type OperationKind = "forward" | "backward" | "backwardInput" | "backwardWeight"
const kinds: readonly OperationKind[] = ["forward", "backward", "backwardInput", "backwardWeight"]
export const packOperation = (kind: OperationKind, microBatch: number, chunk: number): number =>
  kinds.indexOf(kind) + 4 * chunk + 1024 * microBatch
export const operationKind = (code: number): OperationKind => kinds[code & 3] ?? "forward"
export const operationChunk = (code: number): number => (code >> 2) & 255
export const operationMicroBatch = (code: number): number => code >> 10
export const isPaired = (_code: number): boolean => false
export interface Schedule {
  readonly name: string
  readonly stages: number
  readonly microBatches: number
  readonly chunks: number
  readonly layout: "loop" | "mirror" | "bidirectional"
  readonly operations: readonly Int32Array[]
}
export const partOf = (s: Schedule, stage: number, chunk: number): number => chunk * s.stages + stage
const place = (s: Schedule, part: number) =>
  part < 0 || part >= s.stages * s.chunks ? null : { stage: part % s.stages, chunk: Math.floor(part / s.stages) }
export const nextHop = (s: Schedule, stage: number, chunk: number) => place(s, partOf(s, stage, chunk) + 1)
export const previousHop = (s: Schedule, stage: number, chunk: number) => place(s, partOf(s, stage, chunk) - 1)
export interface ScheduleError {
  readonly _tag: "ScheduleError"
  readonly given: string
  readonly expected: string
}
export const isScheduleError = (x: Schedule | ScheduleError): x is ScheduleError => "_tag" in x
interface Sizes {
  readonly stages: number
  readonly microBatches: number
  readonly chunks: number
}
const oneF1B = ({ stages: p, microBatches: m }: Sizes): Schedule => ({
  name: "1f1b",
  stages: p,
  microBatches: m,
  chunks: 1,
  layout: "loop",
  operations: Array.from({ length: p }, (_, i) => {
    const warm = Math.min(p - i - 1, m)
    const out: number[] = []
    for (let k = 0; k < warm; k++) out.push(packOperation("forward", k, 0))
    for (let k = 0; k < m - warm; k++) out.push(packOperation("forward", k + warm, 0), packOperation("backward", k, 0))
    for (let k = m - warm; k < m; k++) out.push(packOperation("backward", k, 0))
    return Int32Array.from(out)
  })
})
const interleaved = ({ stages: p, microBatches: m, chunks: v }: Sizes): Schedule | ScheduleError => {
  if (m % p !== 0) return { _tag: "ScheduleError", given: String(m), expected: `multiple of ${p}` }
  return {
    name: "interleaved-1f1b",
    stages: p,
    microBatches: m,
    chunks: v,
    layout: "loop",
    operations: Array.from({ length: p }, (_, i) => {
      const total = m * v
      const warm = m === p ? total : Math.min(2 * (p - i - 1) + (v - 1) * p, total)
      const f = (k: number) => packOperation("forward", Math.floor(k / (p * v)) * p + (k % p), Math.floor((k % (p * v)) / p))
      const b = (k: number) => packOperation("backward", Math.floor(k / (p * v)) * p + (k % p), v - 1 - Math.floor((k % (p * v)) / p))
      const out: number[] = []
      for (let k = 0; k < warm; k++) out.push(f(k))
      for (let k = 0; k < total - warm; k++) out.push(f(k + warm), b(k))
      for (let k = total - warm; k < total; k++) out.push(b(k))
      return Int32Array.from(out)
    })
  }
}
export const schedules: Readonly<Record<string, (sizes: Sizes) => Schedule | ScheduleError>> = {
  "1f1b": oneF1B,
  "interleaved-1f1b": interleaved,
  "zb-h1": oneF1B,
  "zb-h2": oneF1B
}
export const customSchedule = (_lists: readonly string[], _sizes: Sizes): Schedule | ScheduleError => ({ _tag: "ScheduleError", given: "", expected: "" })
export interface SplitError {
  readonly _tag: "SplitError"
  readonly given: string
  readonly expected: string
}
export const isSplitError = (x: readonly number[] | SplitError): x is SplitError => "_tag" in x
export const splitLayers = ({ layers, parts, explicit }: { layers: number; parts: number; explicit?: readonly number[] }): readonly number[] | SplitError => {
  if (explicit) return explicit
  if (layers < parts && (layers + 2) % parts !== 0) return { _tag: "SplitError", given: String(parts), expected: `at most ${layers}` }
  if (layers >= parts && layers % parts === 0) return Array.from({ length: parts }, () => layers / parts)
  if (parts > 1 && (layers + 2) % parts === 0) {
    const each = (layers + 2) / parts
    return Array.from({ length: parts }, (_, i) => (i === 0 || i === parts - 1 ? each - 1 : each))
  }
  const low = Math.floor(layers / parts)
  return Array.from({ length: parts }, (_, i) => low + (i < layers - low * parts ? 1 : 0))
}
export interface Layout {
  readonly tensor: number
  readonly context: number
  readonly expert: number
  readonly expertTensor?: number
  readonly data: number
  readonly pipeline: number
  readonly order: string
}
export interface Coordinates {
  tensor: number
  context: number
  data: number
  pipeline: number
}
export const worldSize = (l: Layout): number => l.tensor * l.context * l.data * l.pipeline
export const coordinatesOf = (l: Layout, rank: number): Coordinates => ({
  tensor: rank % l.tensor,
  context: Math.floor(rank / l.tensor) % l.context,
  data: Math.floor(rank / l.tensor / l.context) % l.data,
  pipeline: Math.floor(rank / l.tensor / l.context / l.data)
})
export const rankOf = (l: Layout, c: Coordinates): number =>
  c.tensor + l.tensor * (c.context + l.context * (c.data + l.data * c.pipeline))
type GroupKind = "tensor" | "context" | "data" | "pipeline" | "expert" | "expertTensor" | "dataContext" | "expertData"
export const groupRanks = (l: Layout, kind: GroupKind, _rank: number): readonly number[] => {
  const range = (n: number, stride: number) => Array.from({ length: n }, (_, i) => i * stride)
  const etp = l.expertTensor ?? l.tensor
  if (kind === "tensor") return range(l.tensor, 1)
  if (kind === "context") return range(l.context, l.tensor)
  if (kind === "data") return range(l.data, l.tensor * l.context)
  if (kind === "dataContext") return range(l.data * l.context, l.tensor)
  if (kind === "pipeline") return range(l.pipeline, l.tensor * l.context * l.data)
  if (kind === "expertTensor") return range(etp, 1)
  if (kind === "expert") return range(l.expert, etp)
  return range(Math.max(1, (l.tensor * l.context * l.data) / (etp * l.expert)), etp * l.expert)
}
