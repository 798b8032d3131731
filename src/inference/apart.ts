/**
 * The step law of a replica whose feed-forward blocks stand on ranks of their own: what a micro-batch takes on either side and on
 * the ways between comes from the same kernels as elsewhere, and a step's seconds from the executed order of micro-batches.
 */
import { layerKinds, type LayerKind } from "../transformer/index.ts"
import { attentionLaw } from "./attention.ts"
import { makeCollectives } from "./collectives.ts"
import { makeInferenceDevice } from "./device.ts"
import { placeExperts } from "./expert-placement.ts"
import { makeEnds, remembered, rowsOf } from "./layer-table.ts"
import { pingPongSeconds, type LayerLegs, type LayerRun } from "./ping-pong.ts"
import { stagesOf } from "./shard.ts"
import { attentionSide, feedForwardSide, waySeconds } from "./sides.ts"
import { makeStageAttention } from "./stage-attention.ts"
import { evidenceOf } from "./step-evidence.ts"
import { hostSequencesOf, launchesOf, makeStepShape, sequencesOf } from "./step-shape.ts"
import { makeWork } from "./work.ts"
import type { InferenceTarget, StepLoad, StepModel, StepPart } from "./types.ts"
import { makeStepLoad } from "./step-load.ts"

/** Kinds of layers in order, neighbours that are alike together. */
const runsOf = (kinds: readonly LayerKind[]): readonly { readonly kind: LayerKind; readonly layers: number }[] => {
  const runs: { kind: LayerKind; layers: number }[] = []
  for (const kind of kinds) {
    const last = runs.at(-1)
    if (last?.kind === kind) last.layers++
    else runs.push({ kind, layers: 1 })
  }
  return runs
}

export const makeApartSteps = (target: InferenceTarget): StepModel => {
  const { model, stack, layout } = target
  const { constants } = stack
  const device = makeInferenceDevice(target.accelerator, target.precision, stack)
  const collectives = makeCollectives(target, device.evidence)
  const stages = stagesOf(target)
  const stage = stages[0]
  if (stage === undefined || layout.feedForward === undefined) throw new RangeError("no feed-forward ranks")
  const { ranks, microBatches } = layout.feedForward
  const ends = makeEnds(target, device)
  const shape = makeStepShape(target)
  const attention = makeStageAttention(target, attentionLaw(target, device))
  const placed = target.expertRouting === undefined ? undefined : placeExperts(target.expertRouting, ranks)
  const factor = constants.kernelFactor.value
  const perSequence = constants.sequenceSecondsPerLayer.value / layout.dataAttention
  const hostPerLayer =
    stack.graphs === null ? constants.hostSecondsPerLayer.value * device.hostPace * launchesOf(target) : 0
  const runs = runsOf(layerKinds(model))
  const rows = rowsOf(target)
  const dispatch = target.expertExchange?.dispatch ?? "bf16"

  /** What depends on the tokens of a micro-batch alone. */
  const legsOf = (kind: LayerKind) => {
    const side = (tokens: number) => attentionSide(target, device, collectives, kind, tokens)
    return {
      side,
      kernels: remembered(rows, (tokens) => side(tokens).gemm + side(tokens).elementwise),
      reduced: remembered(rows, (tokens) => side(tokens).communication),
      feedForward: remembered(rows, (tokens) => factor * feedForwardSide(target, device, kind, tokens, placed)),
      there: remembered(rows, (tokens) => waySeconds(target, collectives, kind, tokens, placed, dispatch)),
      back: remembered(rows, (tokens) => waySeconds(target, collectives, kind, tokens, placed, "bf16"))
    }
  }
  const legs: Readonly<Record<LayerKind, ReturnType<typeof legsOf>>> = {
    dense: legsOf("dense"),
    mixture: legsOf("mixture")
  }

  /** One of the equal parts of a step. */
  const micro = makeStepLoad()

  /** Micro-batches of a step: a group cannot divide fewer tokens than it has. */
  const countOf = (load: StepLoad): number =>
    Math.max(1, Math.min(microBatches, Math.ceil((load.decodes + load.prefillTokens) / layout.dataAttention)))

  const divide = (load: StepLoad, count: number): void => {
    micro.decodes = Math.ceil(load.decodes / count)
    micro.decodeContext = load.decodeContext / count
    micro.decodeWindow = load.decodeWindow / count
    micro.prefills = load.prefills / count
    micro.prefillTokens = Math.ceil(load.prefillTokens / count)
    micro.prefillPairs = load.prefillPairs / count
    micro.prefillContext = load.prefillContext / count
    micro.fullestDecodes = Math.ceil((load.fullestDecodes ?? 0) / count)
    micro.fullestTokens = Math.ceil((load.fullestTokens ?? 0) / count)
  }

  const legsFor = (kind: LayerKind, tokens: number, locked: number, attending: number): LayerLegs => {
    const own = legs[kind]
    return {
      attention: factor * (own.kernels(locked) + attending) + perSequence * sequencesOf(micro) + own.reduced(locked),
      there: own.there(locked),
      feedForward: own.feedForward(tokens),
      back: own.back(locked)
    }
  }

  const planOf = (load: StepLoad): { readonly count: number; readonly locked: number; readonly layers: LayerRun[] } => {
    const count = countOf(load)
    divide(load, count)
    const [tokens, locked] = [shape.tokens(micro), shape.locked(micro)]
    const attending = attention(stage, micro, 1) / stage.layers
    return {
      count,
      locked,
      layers: runs.map(({ kind, layers }) => ({ layers, ...legsFor(kind, tokens, locked, attending) }))
    }
  }

  const hostSecondsOf = (count: number): number => count * stage.layers * hostPerLayer

  const endsSeconds = (load: StepLoad): number => {
    const locked = shape.locked(load)
    return ends.embedding(locked) + ends.head(shape.heads(load, locked))
  }

  const stageSeconds = (index: number, load: StepLoad): number => {
    if (index !== 0) throw new RangeError(`no stage ${index} of 1`)
    const { count, layers } = planOf(load)
    return Math.max(pingPongSeconds(layers, count), hostSecondsOf(count)) + endsSeconds(load)
  }

  /** Seconds of the layers if nothing had to travel. */
  const withoutWays = (layers: readonly LayerRun[], count: number): number =>
    pingPongSeconds(
      layers.map((run) => ({ ...run, there: 0, back: 0 })),
      count
    )

  const reducedSeconds = (count: number, locked: number): number =>
    count * runs.reduce((sum, { kind, layers }) => sum + layers * legs[kind].reduced(locked), 0)

  const parts = (_index: number, load: StepLoad): readonly StepPart[] => {
    const { count, locked, layers } = planOf(load)
    const attending = factor * count * attention(stage, micro, 1) + stage.layers * perSequence * sequencesOf(load)
    const sumOf = (part: "gemm" | "elementwise"): number =>
      factor * count * runs.reduce((sum, run) => sum + run.layers * legs[run.kind].side(locked)[part], 0)
    const busy = layers.reduce((sum, run) => sum + run.layers * count * run.attention, 0)
    const still = withoutWays(layers, count)
    const whole = pingPongSeconds(layers, count)
    const listed: readonly StepPart[] = [
      { name: "matrix products", kind: "gemm", seconds: sumOf("gemm") },
      { name: "norms, positions", kind: "elementwise", seconds: sumOf("elementwise") },
      { name: "attention", kind: "attention", seconds: attending },
      { name: "all-reduces", kind: "communication", seconds: reducedSeconds(count, locked) },
      { name: "waiting for feed-forward ranks", kind: "experts", seconds: still - busy },
      { name: "on the way between the sides", kind: "communication", seconds: whole - still },
      { name: "waiting for the host", kind: "host", seconds: hostSecondsOf(count) - whole },
      { name: "embedding and LM head", kind: "head", seconds: endsSeconds(load) }
    ]
    return listed.filter(({ seconds }) => seconds > 0)
  }

  const workOfModel = makeWork(target, device, stages, { communication: () => 0 })

  return {
    stages: 1,
    stageSeconds,
    hopSeconds: () => 0,
    hostSeconds: (load) =>
      constants.hostSecondsPerStep.value + hostSequencesOf(target, load) * constants.hostSecondsPerSequence.value,
    firstTokenSeconds: constants.firstTokenSeconds.value,
    // Which side binds changes with the context: no line.
    decodeLine: () => undefined,
    addWork: (load, into) => {
      workOfModel(load, into)
      const { count, locked, layers } = planOf(load)
      into.communicationSeconds +=
        reducedSeconds(count, locked) + pingPongSeconds(layers, count) - withoutWays(layers, count)
    },
    parts,
    evidence: evidenceOf(target, device.evidence)
  }
}
