/**
 * An accelerator as served inference sees it, for one quantisation and one stack: attainable rates and fixed seconds.
 */
import {
  acceleratorConstant,
  constantOf,
  find,
  inferenceClass,
  inferenceConstant,
  isUnknownName,
  type Accelerator,
  type Constant,
  type KernelFamily,
  type Quantisation,
  type ServingStack
} from "../catalog/index.ts"
import { halfFormat, smoothMaximum } from "../kernels/index.ts"

export interface InferenceDevice {
  readonly accelerator: Accelerator
  readonly ofClass: string
  readonly quantisation: Quantisation
  readonly kernels: KernelFamily
  /** Attainable FLOP/s and bytes/s of matrix products, and of products in 16 bits (LM head, router). */
  readonly gemm: ProductLaw
  readonly halfGemm: ProductLaw
  /** Factor on the seconds of grouped expert products. */
  readonly expertFactor: number
  /** Bytes a parameter that a product reads (layers, head). */
  readonly bodyBytes: number
  readonly headBytes: number
  readonly activationBytes: number
  readonly elementwiseRate: number
  readonly elementwiseLaunch: number
  /** Attainable FLOP/s of prompt attention at head dimension 128 on long prompts; tokens at which half is reached. */
  readonly promptRate: number
  readonly promptRamp: number
  readonly narrow: number
  readonly wide: number
  readonly promptLaunch: number
  /** Attainable bytes/s of keys and values in decode attention. */
  readonly keyValueRate: number
  readonly decodeLaunch: number
  /** Factor on the seconds of a decode's attention in one kernel with prompts. */
  readonly mixedFactor: number
  /** Attainable FLOP/s of decode attention on tensor cores. */
  readonly sharedRate: number
  /** Attainable bytes/s of decode attention where every query reads its keys from the on-chip cache. */
  readonly ungroupedRate: number
  readonly hostPace: number
  /** Every constant read, by key. */
  readonly evidence: Map<string, Constant>
}

/** The smooth roofline of matrix products: t = t0 + ((F / c)^q + (B / w)^q)^(1/q). */
export interface ProductLaw {
  readonly flopsPerSecond: number
  readonly bytesPerSecond: number
  readonly launchSeconds: number
  readonly corner: number
}

export const productSeconds = (law: ProductLaw, flops: number, bytes: number): number =>
  law.launchSeconds + smoothMaximum(flops / law.flopsPerSecond, bytes / law.bytesPerSecond, law.corner)

/** A quantisation that the catalogue does not have. */
export class UnknownQuantisation extends Error {
  readonly _tag = "UnknownQuantisation"
  readonly nearest: readonly string[]
  constructor(name: string, nearest: readonly string[]) {
    super(`there is no quantisation ${name}; nearest: ${nearest.join(", ")}`)
    this.nearest = nearest
  }
}

export const quantisationOf = (name: string): Quantisation => {
  const found = find("quantisations", name)
  if (isUnknownName(found)) throw new UnknownQuantisation(name, found.nearest)
  return found
}

/** Formats that the accelerator does not multiply in are kept as weights and multiplied in 16 bits. */
const weightOnly: Readonly<Record<KernelFamily, KernelFamily>> = {
  bf16: "bf16",
  fp8: "int8",
  nvfp4: "int4",
  int4: "int4",
  int8: "int8"
}

/** Decode attention of more than 16 queries a key is bound by its products: their share of the 16-bit peak. */
const sharedShare = 0.6

/**
 * Bytes/s that multiprocessors draw from the on-chip cache: 64 bytes a clock of 1.5 GHz each; about half of that on cards
 * without HBM, whose caches have fewer slices.
 */
const cacheRate = ({ multiprocessors, memory }: Accelerator): number =>
  multiprocessors === null
    ? 4 * memory.bytesPerSecond
    : multiprocessors * 64 * 1.5e9 * (memory.type.startsWith("HBM") ? 1 : 0.45)

export const makeInferenceDevice = (
  accelerator: Accelerator,
  precision: string,
  stack: ServingStack
): InferenceDevice => {
  const evidence = new Map<string, Constant>()
  const quantisation = quantisationOf(precision)
  const ofClass = inferenceClass(accelerator)
  const traffic = stack.weightTraffic[quantisation.name]
  const half = halfFormat(accelerator)
  const halfPeak = accelerator.peakFlops[half] ?? 0
  const ownPeak = quantisation.compute === "half" ? halfPeak : accelerator.peakFlops[quantisation.compute]
  const kernels: KernelFamily =
    traffic !== undefined || !quantisation.isFused
      ? "bf16"
      : ownPeak === undefined
        ? weightOnly[quantisation.kernels]
        : quantisation.kernels
  const note = (key: string, constant: Constant): number => {
    evidence.set(key, constant)
    return constant.value
  }
  const own = (name: string, family?: KernelFamily): number => {
    const found = inferenceConstant(ofClass, name, family)
    if (found === undefined) throw new Error(`no inference constant ${name} for ${ofClass}`)
    return note(found.key, found.constant)
  }
  const ofTraining = (name: string): number => {
    const found = acceleratorConstant(accelerator.efficiencyClass, name)
    return note(found.key, found.constant)
  }
  const shared = (key: string): number => {
    const constant = constantOf(key)
    if (constant === undefined) throw new Error(`no constant ${key}`)
    return note(key, constant)
  }
  const attained = { compute: 1, memory: 1, launch: 1, ...accelerator.attained }
  const bandwidth = accelerator.memory.bytesPerSecond * attained.memory
  const { computeFactor, launchFactor } = stack.constants
  const corner = ofTraining("corner")
  const law = (family: KernelFamily, peak: number): ProductLaw => ({
    flopsPerSecond: own("gemm", family) * peak * computeFactor.value * attained.compute,
    bytesPerSecond: own("memory", family) * bandwidth,
    launchSeconds: own("launch", family) * launchFactor.value * attained.launch,
    corner
  })
  const halfGemm = law("bf16", halfPeak)
  return {
    accelerator,
    ofClass,
    quantisation,
    kernels,
    halfGemm,
    gemm: kernels === "bf16" ? halfGemm : law(kernels, ownPeak ?? halfPeak),
    expertFactor: own("experts", kernels),
    bodyBytes: traffic ?? quantisation.weightBytes.body,
    headBytes: quantisation.weightBytes.head,
    activationBytes: ownPeak === undefined ? 2 : quantisation.activationBytes,
    elementwiseRate: shared("elementwise.share") * bandwidth,
    elementwiseLaunch: shared("elementwise.launch") * launchFactor.value * attained.launch,
    promptRate: own("attention", kernels) * halfPeak * computeFactor.value * attained.compute,
    promptRamp: ofTraining("attentionRamp"),
    narrow: ofTraining("attentionNarrow"),
    wide: ofTraining("attentionWide"),
    promptLaunch: own("promptLaunch") * attained.launch,
    keyValueRate: own("keyValues", kernels) * bandwidth,
    decodeLaunch: own("decodeLaunch") * attained.launch,
    mixedFactor: own("mixedAttention"),
    sharedRate: sharedShare * halfPeak * attained.compute,
    ungroupedRate: stack.constants.ungroupedShare.value * cacheRate(accelerator),
    hostPace: own("hostPace"),
    evidence
  }
}
