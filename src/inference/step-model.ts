/**
 * The step law of served inference.
 *
 *   stage = max(factor x (layers + attention) + sequences + collectives, host a layer, weights on their way) + ends
 *
 * The host's part is that of steps which no captured graph holds: all of an eager engine's, and those with prompts of others.
 *
 * Seconds of everything but attention depend on the number of tokens alone: they are computed once for each number that
 * occurs and kept in typed arrays, so that a step costs a few look-ups (about 50 ns) whatever its batch.
 */
import { attentionLaw } from "./attention.ts"
import { makeCollectives } from "./collectives.ts"
import { makeInferenceDevice } from "./device.ts"
import { makeApartSteps } from "./apart.ts"
import { makeDraft } from "./draft.ts"
import { makeEnds, makeLayerTable } from "./layer-table.ts"
import { measuredKernels } from "./measured.ts"
import { stagesOf, type Stage } from "./shard.ts"
import { makeStageAttention } from "./stage-attention.ts"
import { hostSequencesOf, launchesOf, makeStepShape, sequencesOf } from "./step-shape.ts"
import { queriesOf } from "./speculation.ts"
import { evidenceOf } from "./step-evidence.ts"
import { makeWeightStream } from "./weight-stream.ts"
import { makeWork } from "./work.ts"
import type { DecodeLine, InferenceTarget, StepLoad, StepModel, StepPart } from "./types.ts"
import { makeStepLoad } from "./step-load.ts"

/** Prices the steps of a replica. */
export const makeStepModel = (target: InferenceTarget): StepModel =>
  target.layout.feedForward === undefined ? makeStepsTogether(target) : makeApartSteps(target)

const makeStepsTogether = (target: InferenceTarget): StepModel => {
  const { model, stack, layout } = target
  const { constants } = stack
  const device = makeInferenceDevice(target.accelerator, target.precision, stack)
  const collectives = makeCollectives(target, device.evidence)
  const stages = stagesOf(target)
  const table = makeLayerTable(target, device, collectives)
  const ends = makeEnds(target, device)
  const attention = attentionLaw(target, device)
  const stream = makeWeightStream(target, device, collectives)
  const factor = constants.kernelFactor.value
  const perSequence = constants.sequenceSecondsPerLayer.value / layout.dataAttention
  const hostPerLayer = constants.hostSecondsPerLayer.value * device.hostPace * launchesOf(target)
  const queries = queriesOf(target)
  const draft = makeDraft(target, makeStepModel)
  const isOverlapped = target.overlapsExchange === true
  const piece = stack.promptPieceTokens ?? Number.POSITIVE_INFINITY
  const stageOf = (index: number): Stage => {
    const stage = stages[index]
    if (stage === undefined) throw new RangeError(`no stage ${index} of ${stages.length}`)
    return stage
  }

  const shape = makeStepShape(target)
  const { tokens: tokensOf, locked: lockedOf, heads: headsOf } = shape
  const attentionSeconds = makeStageAttention(target, attention)

  const anyLayer: Stage = { dense: 1, mixture: 0, layers: 1, windowed: 0, recurrent: 0, isFirst: false, isLast: false }
  const measured = measuredKernels(target, { table, ends, attention }, (load) => attentionSeconds(anyLayer, load, 1))

  /**
   * A prompt that runs in pieces passes the first stage piece after piece; the later stages work on earlier pieces
   * meanwhile, so that only the last piece's way through them is left.
   */
  const piecesOf = (load: StepLoad): number => (load.prefillTokens > piece ? Math.ceil(load.prefillTokens / piece) : 1)

  const layersSeconds = (stage: Stage, load: StepLoad): { kernels: number; collectives: number } => {
    const tokens = tokensOf(load)
    const locked = lockedOf(load)
    const pieces = piecesOf(load)
    if (isOverlapped && pieces === 1) {
      const [half, lockedHalf] = [Math.ceil(tokens / 2), Math.ceil(locked / 2)]
      spent.kernels = 2 * table.kernels(stage, half, lockedHalf) + attentionSeconds(stage, load, 1)
      spent.collectives = 2 * table.communication(stage, half, lockedHalf)
      return spent
    }
    if (pieces === 1) {
      spent.kernels = table.kernels(stage, tokens, locked) + attentionSeconds(stage, load, 1)
      spent.collectives = table.communication(stage, tokens, locked)
      return spent
    }
    const own = Math.ceil(tokens / pieces)
    const lockedOwn = Math.ceil(locked / pieces)
    const repeats = stage.isFirst ? pieces : 1
    const share = stage.isFirst ? 1 : (2 * pieces - 1) / (pieces * pieces)
    spent.kernels = repeats * table.kernels(stage, own, lockedOwn) + attentionSeconds(stage, load, share)
    spent.collectives = repeats * table.communication(stage, own, lockedOwn)
    return spent
  }
  const spent = { kernels: 0, collectives: 0 }

  /** Of two halves in turns only the first exchange of the first layer has nothing beside it. */
  const leadOf = (stage: Stage, exchanged: number): number => (isOverlapped ? exchanged / (2 * stage.layers) : 0)

  const together = (stage: Stage, computing: number, exchanged: number): number =>
    isOverlapped ? Math.max(computing, exchanged) + leadOf(stage, exchanged) : computing + exchanged

  const endsSeconds = (stage: Stage, load: StepLoad, locked: number): number =>
    (stage.isFirst ? ends.embedding(locked) : 0) + (stage.isLast ? ends.head(headsOf(load, locked)) : 0)

  const hostFloorOf = (stage: Stage, load: StepLoad): number =>
    shape.isLaunched(load) ? stage.layers * hostPerLayer : 0

  const floorOf = (stage: Stage, load: StepLoad): number =>
    Math.max(hostFloorOf(stage, load), stream.hiddenSeconds(stage))

  const stageSeconds = (index: number, load: StepLoad): number => {
    const stage = stageOf(index)
    const guessed = stage.isLast && draft !== undefined ? draft.seconds(load) : 0
    const known = measured?.(stage, load, tokensOf(load))
    if (known !== undefined) {
      const exchanged = table.communication(stage, tokensOf(load), lockedOf(load))
      const busy = known.layers + exchanged + stream.exposedSeconds(stage)
      return Math.max(busy, floorOf(stage, load)) + known.ends + guessed
    }
    const { kernels, collectives: exchanged } = layersSeconds(stage, load)
    const busy = isOverlapped
      ? together(stage, factor * kernels + stage.layers * perSequence * sequencesOf(load), exchanged) +
        stream.exposedSeconds(stage)
      : factor * kernels + stage.layers * perSequence * sequencesOf(load) + exchanged + stream.exposedSeconds(stage)
    return Math.max(busy, floorOf(stage, load)) + endsSeconds(stage, load, lockedOf(load)) + guessed
  }

  const decodeLine = (index: number, decodes: number, fullest = 0): DecodeLine | undefined => {
    // What is accepted differs from sequence to sequence and step to step.
    if (measured !== undefined || queries > 1) return undefined
    const stage = stageOf(index)
    probe.decodes = decodes
    probe.sampled = decodes
    probe.fullestDecodes = probe.fullestTokens = probe.fullestSequences = fullest
    const { kernels, collectives: exchanged } = layersSeconds(stage, probe)
    const end = endsSeconds(stage, probe, lockedOf(probe))
    const slope = factor * attention.decodePerToken
    const lead = leadOf(stage, exchanged)
    const exposed = stream.exposedSeconds(stage)
    const least = floorOf(stage, probe)
    return {
      floor: (isOverlapped ? Math.max(least, exchanged + lead + exposed) : least) + end,
      base: factor * kernels + stage.layers * perSequence * decodes + (isOverlapped ? lead : exchanged) + exposed + end,
      slope: slope * (stage.layers - stage.windowed - stage.recurrent) + factor * attention.indexStep * stage.windowed,
      windowSlope: slope * stage.windowed
    }
  }
  const probe = makeStepLoad()

  const parts = (index: number, load: StepLoad): readonly StepPart[] => {
    const stage = stageOf(index)
    const tokens = tokensOf(load)
    const locked = lockedOf(load)
    const listed: StepPart[] = []
    const add = (name: string, kind: StepPart["kind"], seconds: number): void => {
      if (seconds > 0) listed.push({ name, kind, seconds })
    }
    const known = measured?.(stage, load, tokens)
    const pieces = known === undefined ? piecesOf(load) : 1
    const halves = isOverlapped && pieces === 1 ? 2 : 1
    const repeats = halves * (stage.isFirst ? pieces : 1)
    const share = pieces === 1 || stage.isFirst ? 1 : (2 * pieces - 1) / (pieces * pieces)
    if (known === undefined) {
      const split = table.split(stage, Math.ceil(tokens / pieces / halves), Math.ceil(locked / pieces / halves))
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
    add(
      "all-reduces",
      "communication",
      isOverlapped
        ? exposedExchange(stage, load)
        : repeats * table.communication(stage, Math.ceil(tokens / pieces), Math.ceil(locked / pieces))
    )
    add("weights from outside", "transfer", stream.exposedSeconds(stage))
    const busy = listed.reduce((sum, part) => sum + part.seconds, 0)
    const hidden = stream.hiddenSeconds(stage)
    const host = hostFloorOf(stage, load)
    if (hidden > busy && hidden >= host) add("waiting for weights", "transfer", hidden - busy)
    else add("waiting for the host", "host", host - busy)
    add("embedding and LM head", "head", known === undefined ? endsSeconds(stage, load, locked) : known.ends)
    if (stage.isLast && draft !== undefined) add("draft", "gemm", draft.seconds(load))
    return listed
  }

  const workOfModel = makeWork(target, device, stages, table)
  /** Seconds of a stage's exchanges beside which nothing is computed. */
  const exposedExchange = (stage: Stage, load: StepLoad): number => {
    const { kernels, collectives: exchanged } = layersSeconds(stage, load)
    const computing = factor * kernels + stage.layers * perSequence * sequencesOf(load)
    return together(stage, computing, exchanged) - computing
  }
  const addWork: StepModel["addWork"] = (load, into) => {
    const before = into.communicationSeconds
    workOfModel(load, into)
    if (isOverlapped)
      into.communicationSeconds = before + stages.reduce((sum, stage) => sum + exposedExchange(stage, load), 0)
    draft?.addWork(load, into)
  }
  const hopLatency = collectives.hop.latencySeconds + constants.hopSeconds.value
  const hopPerToken = (collectives.hop.secondsPerByte * model.hidden * 2) / layout.dataAttention

  return {
    stages: stages.length,
    stageSeconds,
    hopSeconds: (load) => hopLatency + (hopPerToken * (load.decodes * queries + load.prefillTokens)) / piecesOf(load),
    hostSeconds: (load) =>
      constants.hostSecondsPerStep.value + hostSequencesOf(target, load) * constants.hostSecondsPerSequence.value,
    firstTokenSeconds: constants.firstTokenSeconds.value,
    decodeLine,
    addWork,
    parts,
    evidence: evidenceOf(target, device.evidence)
  }
}
