/**
 * Measured kernel profiles in place of the analytic laws. Between measured sizes the profile is interpolated; beyond its
 * edges the analytic law goes on from the edge's measured value.
 *
 * Attention beside decodes is looked up as one prompt chunk of as many query-key pairs and decodes of the mean context.
 */
import type { AttentionLaw } from "./attention.ts"
import { interpolateLine, makeGrid, type Grid } from "./grid.ts"
import { reachedExperts } from "./layer.ts"
import { remembered, type Ends, type LayerTable } from "./layer-table.ts"
import type { Stage } from "./shard.ts"
import { makeStepLoad } from "./step-load.ts"
import type { InferenceTarget, KernelProfile, ProfileCurve, StepLoad } from "./types.ts"

export interface MeasuredStep {
  /** Seconds of a stage's layers with attention, of attention alone, and of the ends of the model on the stage. */
  layers: number
  attention: number
  ends: number
}

/** A profile was given that does not fit the target. */
export class UnusableProfile extends Error {
  readonly _tag = "UnusableProfile"
}

/** Operators that run once a step, not in every layer. */
const onlyFirst: readonly string[] = ["embedding"]
const onlyLast: readonly string[] = ["final_layernorm"]
/** One measured norm stands for the two of a layer. */
const timesInLayer = (operator: string): number => (operator === "layernorm" ? 2 : 1)

/** Seconds of some curves at a size, and the size at which the shortest of them ends. */
const summed = (curves: readonly ProfileCurve[]) => ({
  last: Math.min(...curves.map(({ at }) => at[at.length - 1] ?? 0)),
  at: (size: number): number =>
    curves.reduce(
      (sum, { operator, at, seconds }) => sum + timesInLayer(operator) * interpolateLine(at, seconds, size),
      0
    )
})

/** A measured curve, continued beyond its end as the law grows. */
const continued = (
  rows: number,
  curves: readonly ProfileCurve[],
  law: (size: number) => number
): ((size: number) => number) => {
  if (curves.length === 0) return () => 0
  const measured = summed(curves)
  return remembered(rows, (size) =>
    size <= measured.last ? measured.at(size) : (measured.at(measured.last) * law(size)) / law(measured.last)
  )
}

interface MeasuredAttention {
  readonly seconds: (load: StepLoad) => number
}

const columnsOf = (attention: NonNullable<KernelProfile["attention"]>, keep: (row: number) => boolean) => {
  const rows = Array.from(attention.seconds.keys()).filter(keep)
  const pick = (column: Float64Array): Float64Array => Float64Array.from(rows, (row) => column[row] ?? 0)
  return {
    chunk: pick(attention.prefillChunk),
    context: pick(attention.prefillContext),
    decodes: pick(attention.decodes),
    decodeContext: pick(attention.decodeContext),
    seconds: pick(attention.seconds)
  }
}

/** A lookup in a grid that goes on beyond the grid's corner as the law does. */
const beyond = (
  grid: Grid,
  coordinates: readonly number[],
  law: (coordinates: readonly number[]) => number
): number => {
  const inside = coordinates.map((value, dimension) => Math.min(value, grid.last[dimension] ?? value))
  const measured = grid.at(inside)
  if (inside.every((value, dimension) => value === coordinates[dimension])) return measured
  return (measured * law(coordinates)) / law(inside)
}

const measuredAttention = (
  profile: NonNullable<KernelProfile["attention"]>,
  law: AttentionLaw
): MeasuredAttention | undefined => {
  const decode = columnsOf(profile, (row) => profile.prefillChunk[row] === 0 && (profile.decodes[row] ?? 0) > 0)
  const prompt = columnsOf(profile, (row) => profile.decodes[row] === 0 && (profile.prefillChunk[row] ?? 0) > 0)
  const mixed = columnsOf(profile, (row) => (profile.decodes[row] ?? 0) > 0 && (profile.prefillChunk[row] ?? 0) > 0)
  if (decode.seconds.length === 0 || prompt.seconds.length === 0) return undefined
  const decodeGrid = makeGrid([decode.decodes, decode.decodeContext], decode.seconds)
  const promptGrid = makeGrid([prompt.chunk, prompt.context], prompt.seconds)
  const mixedGrid =
    mixed.seconds.length === 0
      ? undefined
      : makeGrid([mixed.chunk, mixed.context, mixed.decodes, mixed.decodeContext], mixed.seconds)
  const load = makeStepLoad()
  load.prefills = 1
  const decodeLaw = ([count = 0, context = 0]: readonly number[]): number =>
    law.decodeLaunch + law.decodePerToken * count * context
  const promptLaw = ([chunk = 1, context = 0]: readonly number[]): number => {
    load.prefillTokens = chunk
    return law.prompt(load, chunk * (context + (chunk + 1) / 2))
  }
  const decodes = (count: number, context: number): number => beyond(decodeGrid, [count, context], decodeLaw)
  const prompts = (chunk: number, context: number): number => beyond(promptGrid, [chunk, context], promptLaw)
  return {
    seconds: ({ decodes: count, decodeContext, prefillTokens, prefillPairs }) => {
      const mean = count > 0 ? decodeContext / count : 0
      if (prefillTokens === 0) return count > 0 ? decodes(count, mean) : 0
      const cached = prefillPairs / prefillTokens - (prefillTokens + 1) / 2
      // Several short prompts have fewer pairs than one long one: as one chunk of as many pairs.
      const chunk = cached >= 0 ? prefillTokens : (Math.sqrt(8 * prefillPairs + 1) - 1) / 2
      const context = Math.max(0, cached)
      const alone = prompts(chunk, context)
      if (count === 0) return alone
      const beside = decodes(count, mean)
      if (mixedGrid === undefined) return alone + beside
      const [mostChunk = 0, mostContext = 0, mostCount = 0, mostMean = 0] = mixedGrid.last
      const inside = [
        Math.min(chunk, mostChunk),
        Math.min(context, mostContext),
        Math.min(count, mostCount),
        Math.min(mean, mostMean)
      ] as const
      // What the two cost together over what each costs alone, where both were measured together.
      const together = mixedGrid.at(inside)
      return ((alone + beside) * together) / (prompts(inside[0], inside[1]) + decodes(inside[2], inside[3]))
    }
  }
}

/**
 * The measured steps of a target; undefined without a profile.
 *
 * @throws UnusableProfile where no profile was measured at the target's tensor-parallel size
 */
export const measuredKernels = (
  target: InferenceTarget,
  laws: { readonly table: LayerTable; readonly ends: Ends; readonly attention: AttentionLaw },
  attentionOf: (load: StepLoad) => number
): ((stage: Stage, load: StepLoad, tokens: number) => MeasuredStep) | undefined => {
  if (target.profiles.length === 0) return undefined
  const { tensor } = target.layout
  const profile = target.profiles.find((candidate) => candidate.tensor === tensor)
  if (profile === undefined)
    throw new UnusableProfile(
      `the kernel profiles were measured at tensor parallel ${target.profiles.map((one) => one.tensor).join(", ")}, not ${tensor}`
    )
  const rows = target.maximumStepTokens + target.maximumSequences + 1
  const { dense, perSequence, attention: measured, experts } = profile
  const isEnd = ({ operator }: ProfileCurve): boolean => onlyFirst.includes(operator) || onlyLast.includes(operator)
  const one = (kind: "dense" | "mixture"): Stage => ({
    dense: kind === "dense" ? 1 : 0,
    mixture: kind === "mixture" ? 1 : 0,
    layers: 1,
    windowed: 0,
    recurrent: 0,
    isFirst: false,
    isLast: false
  })
  const kind = target.model.experts === null ? "dense" : "mixture"
  const ofLaw = (tokens: number): number => {
    const { gemm, elementwise } = laws.table.split(one(kind), Math.ceil(tokens), Math.ceil(tokens))
    return gemm + elementwise
  }
  const layer = continued(
    rows,
    dense.filter((curve) => !isEnd(curve)),
    ofLaw
  )
  const first = continued(
    rows,
    dense.filter(({ operator }) => onlyFirst.includes(operator)),
    laws.ends.embedding
  )
  const final = continued(
    rows,
    dense.filter(({ operator }) => onlyLast.includes(operator)),
    (tokens) => tokens
  )
  // A profile without the ends of the model leaves them to the law.
  const last = perSequence.length === 0 ? laws.ends.head : continued(rows, perSequence, laws.ends.head)
  const expertGrid = experts === undefined ? undefined : makeGrid([experts.tokens, experts.reached], experts.seconds)
  const expertSeconds = remembered(rows, (tokens) => {
    const { model } = target
    if (model.experts === null || expertGrid === undefined) return laws.table.split(one(kind), tokens, tokens).experts
    const [edge = tokens] = expertGrid.last
    // Measured with as many experts as so many tokens can reach at most.
    const wanted = Math.max(model.experts.active, reachedExperts(model.experts, Math.min(tokens, edge)))
    return expertGrid.at([tokens, wanted]) * Math.max(1, tokens / edge)
  })
  const attention = measured === null ? undefined : measuredAttention(measured, laws.attention)
  const step: MeasuredStep = { layers: 0, attention: 0, ends: 0 }
  return (stage, load, tokens) => {
    step.attention = stage.layers * (attention === undefined ? attentionOf(load) : attention.seconds(load))
    step.layers = stage.layers * layer(tokens) + step.attention
    if (stage.mixture > 0) step.layers += stage.mixture * expertSeconds(tokens)
    const sampled = load.prefillTokens === 0 ? tokens : load.sampled
    step.ends =
      (stage.isFirst ? first(tokens) : 0) + (stage.isLast ? final(tokens) + (sampled > 0 ? last(sampled) : 0) : 0)
    return step
  }
}
