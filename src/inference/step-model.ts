/**
 * The step law of served inference.
 *
 *   stage = max(factor x (layers + attention) + sequences + collectives, host a layer, weights on their way) + ends
 *
 * Seconds of everything but attention depend on the number of tokens alone: they are computed once for each number that
 * occurs and kept in typed arrays, so that a step costs a few look-ups (about 50 ns) whatever its batch.
 */
import type { Constant } from "../catalog/index.ts"
import { attentionLaw } from "./attention.ts"
import { makeCollectives } from "./collectives.ts"
import { makeInferenceDevice } from "./device.ts"
import { makeEnds, makeLayerTable } from "./layer-table.ts"
import { measuredKernels } from "./measured.ts"
import { stagesOf, type Stage } from "./shard.ts"
import { makeWeightStream } from "./weight-stream.ts"
import { makeWork } from "./work.ts"
import type { DecodeLine, InferenceTarget, StepLoad, StepModel, StepPart } from "./types.ts"

/** Sequences that a step works on. */
const sequencesOf = (load: StepLoad): number => load.decodes + load.prefills

/** Numbers of tokens that decode steps are padded to: padded[n] for n sequences; itself beyond the last captured size. */
const paddedSizes = (sizes: readonly number[]): Int32Array => {
  const last = sizes.reduce((most, size) => Math.max(most, size), 0)
  const padded = new Int32Array(last + 1)
  let index = 0
  for (let count = 0; count <= last; count++) {
    while ((sizes[index] ?? last) < count) index++
    padded[count] = sizes[index] ?? last
  }
  return padded
}

/** Launches of a layer over those of a plain one. */
const launchesOf = ({ model, stack: { operatorLaunches: extra } }: InferenceTarget): number =>
  1 +
  (model.position === "rope" ? extra.rotary : 0) +
  (model.normalization === "rmsnorm" ? extra.rootMeanSquare : 0) +
  (model.gated ? extra.gate : 0) +
  (model.bias ? extra.bias : 0)

export const makeStepModel = (target: InferenceTarget): StepModel => {
  const { model, stack, layout } = target
  const { constants } = stack
  const device = makeInferenceDevice(target.accelerator, target.precision, stack)
  const collectives = makeCollectives(target, device.evidence)
  const stages = stagesOf(target)
  const table = makeLayerTable(target, device, collectives)
  const ends = makeEnds(target, device)
  const attention = attentionLaw(target, device)
  const stream = makeWeightStream(target, device, collectives)
  const padded = stack.graphs === null ? undefined : paddedSizes(stack.graphs.sizes)
  const factor = constants.kernelFactor.value
  const perSequence = constants.sequenceSecondsPerLayer.value / layout.dataAttention
  const hostPerLayer =
    stack.graphs === null ? constants.hostSecondsPerLayer.value * device.hostPace * launchesOf(target) : 0
  const window = model.slidingWindow?.tokens ?? Number.POSITIVE_INFINITY
  const piece = stack.promptPieceTokens ?? Number.POSITIVE_INFINITY
  const stageOf = (index: number): Stage => {
    const stage = stages[index]
    if (stage === undefined) throw new RangeError(`no stage ${index} of ${stages.length}`)
    return stage
  }

  /** Tokens as the kernels see them: padded where a captured graph is replayed. */
  const shapeOf = (load: StepLoad): number => {
    const { decodes, prefillTokens } = load
    if (prefillTokens > 0 || padded === undefined) return decodes + prefillTokens
    const own = layout.dataAttention === 1 ? decodes : Math.ceil(decodes / layout.dataAttention)
    return own < padded.length ? (padded[own] ?? own) * layout.dataAttention : decodes
  }
  const rowsOf = (load: StepLoad, tokens: number): number => {
    if (stack.logitsOfEveryToken) return tokens
    return load.prefillTokens === 0 ? tokens : load.sampled
  }

  /** Seconds of attention of a stage's layers, the analytic law. */
  const attentionSeconds = (stage: Stage, load: StepLoad, share: number): number => {
    let seconds = 0
    if (load.decodes > 0) {
      const local = stage.layers - stage.windowed
      seconds +=
        stage.layers * attention.decodeLaunch +
        attention.decodePerToken *
          (load.prefills > 0 ? attention.besidePrompts : 1) *
          (local * load.decodeContext + stage.windowed * load.decodeWindow)
    }
    if (load.prefills > 0) {
      const pairs = load.prefillPairs * share
      const near = Math.min(pairs, load.prefillTokens * window * share)
      seconds += (stage.layers - stage.windowed) * attention.prompt(load, pairs)
      if (stage.windowed > 0) seconds += stage.windowed * attention.prompt(load, near)
    }
    return seconds
  }

  const anyLayer: Stage = { dense: 1, mixture: 0, layers: 1, windowed: 0, isFirst: false, isLast: false }
  const measured = measuredKernels(target, { table, ends, attention }, (load) => attentionSeconds(anyLayer, load, 1))

  /**
   * A prompt that runs in pieces passes the first stage piece after piece; the later stages work on earlier pieces
   * meanwhile, so that only the last piece's way through them is left.
   */
  const piecesOf = (load: StepLoad): number => (load.prefillTokens > piece ? Math.ceil(load.prefillTokens / piece) : 1)

  const layersSeconds = (stage: Stage, load: StepLoad): { kernels: number; collectives: number } => {
    const tokens = shapeOf(load)
    const pieces = piecesOf(load)
    if (pieces === 1) {
      spent.kernels = table.kernels(stage, tokens) + attentionSeconds(stage, load, 1)
      spent.collectives = table.communication(stage, tokens)
      return spent
    }
    const own = Math.ceil(tokens / pieces)
    const repeats = stage.isFirst ? pieces : 1
    const share = stage.isFirst ? 1 : (2 * pieces - 1) / (pieces * pieces)
    spent.kernels = repeats * table.kernels(stage, own) + attentionSeconds(stage, load, share)
    spent.collectives = repeats * table.communication(stage, own)
    return spent
  }
  const spent = { kernels: 0, collectives: 0 }

  const endsSeconds = (stage: Stage, load: StepLoad, tokens: number): number =>
    (stage.isFirst ? ends.embedding(tokens) : 0) + (stage.isLast ? ends.head(rowsOf(load, tokens)) : 0)

  const floorOf = (stage: Stage): number => Math.max(stage.layers * hostPerLayer, stream.hiddenSeconds(stage))

  const stageSeconds = (index: number, load: StepLoad): number => {
    const stage = stageOf(index)
    const known = measured?.(stage, load, shapeOf(load))
    if (known !== undefined) {
      const busy = known.layers + table.communication(stage, shapeOf(load)) + stream.exposedSeconds(stage)
      return Math.max(busy, floorOf(stage)) + known.ends
    }
    const { kernels, collectives: exchanged } = layersSeconds(stage, load)
    const busy =
      factor * kernels + stage.layers * perSequence * sequencesOf(load) + exchanged + stream.exposedSeconds(stage)
    return Math.max(busy, floorOf(stage)) + endsSeconds(stage, load, shapeOf(load))
  }

  const decodeLine = (index: number, decodes: number): DecodeLine | undefined => {
    if (measured !== undefined) return undefined
    const stage = stageOf(index)
    probe.decodes = decodes
    probe.sampled = decodes
    const { kernels, collectives: exchanged } = layersSeconds(stage, probe)
    const end = endsSeconds(stage, probe, shapeOf(probe))
    const slope = factor * attention.decodePerToken
    return {
      floor: floorOf(stage) + end,
      base: factor * kernels + stage.layers * perSequence * decodes + exchanged + stream.exposedSeconds(stage) + end,
      slope: slope * (stage.layers - stage.windowed),
      windowSlope: slope * stage.windowed
    }
  }
  const probe: StepLoad = {
    decodes: 0,
    decodeContext: 0,
    decodeWindow: 0,
    prefills: 0,
    prefillTokens: 0,
    prefillPairs: 0,
    prefillContext: 0,
    sampled: 0
  }

  const parts = (index: number, load: StepLoad): readonly StepPart[] => {
    const stage = stageOf(index)
    const tokens = shapeOf(load)
    const listed: StepPart[] = []
    const add = (name: string, kind: StepPart["kind"], seconds: number): void => {
      if (seconds > 0) listed.push({ name, kind, seconds })
    }
    const known = measured?.(stage, load, tokens)
    const pieces = known === undefined ? piecesOf(load) : 1
    const repeats = stage.isFirst ? pieces : 1
    const share = pieces === 1 || stage.isFirst ? 1 : (2 * pieces - 1) / (pieces * pieces)
    if (known === undefined) {
      const split = table.split(stage, Math.ceil(tokens / pieces))
      add("matrix products", "gemm", factor * repeats * split.gemm)
      add("experts", "experts", factor * repeats * split.experts)
      add("norms, positions, activations", "elementwise", factor * repeats * split.elementwise)
      add(
        "attention",
        "attention",
        factor * attentionSeconds(stage, load, share) + stage.layers * perSequence * sequencesOf(load)
      )
    } else {
      add("layers (measured)", "gemm", known.layers - known.attention)
      add("attention (measured)", "attention", known.attention)
    }
    add("all-reduces", "communication", repeats * table.communication(stage, Math.ceil(tokens / pieces)))
    add("weights from outside", "transfer", stream.exposedSeconds(stage))
    const busy = listed.reduce((sum, part) => sum + part.seconds, 0)
    const hidden = stream.hiddenSeconds(stage)
    if (hidden > busy && hidden >= stage.layers * hostPerLayer) add("waiting for weights", "transfer", hidden - busy)
    else add("waiting for the host", "host", stage.layers * hostPerLayer - busy)
    add("embedding and LM head", "head", known === undefined ? endsSeconds(stage, load, tokens) : known.ends)
    return listed
  }

  const addWork = makeWork(target, device, stages, table)
  const hopLatency = collectives.hop.latencySeconds + constants.hopSeconds.value
  const hopPerToken = (collectives.hop.secondsPerByte * model.hidden * 2) / layout.dataAttention

  return {
    stages: stages.length,
    stageSeconds,
    hopSeconds: (load) => hopLatency + (hopPerToken * (load.decodes + load.prefillTokens)) / piecesOf(load),
    hostSeconds: (load) =>
      constants.hostSecondsPerStep.value + sequencesOf(load) * constants.hostSecondsPerSequence.value,
    firstTokenSeconds: constants.firstTokenSeconds.value,
    decodeLine,
    addWork,
    parts,
    evidence: evidenceOf(target, device.evidence)
  }
}

/** Constants that mattered: the accelerator's, and the stack's own where they change something. */
const evidenceOf = (
  { stack, model }: InferenceTarget,
  ofDevice: ReadonlyMap<string, Constant>
): StepModel["evidence"] => [
  ...[...ofDevice]
    .filter(([name]) => model.experts !== null || !name.includes(".inference.experts."))
    .map(([name, constant]) => ({ name, constant })),
  ...Object.entries(stack.constants as unknown as Readonly<Record<string, Constant>>)
    .filter(([, constant]) => constant.origin !== "assumed" || constant.source !== "no effect known")
    .map(([name, constant]) => ({ name: `serving.${stack.name}@${stack.version}.${name}`, constant }))
]
