/**
 * An accelerator as the kernel laws see it: attainable rates, fixed costs, and the constants they came from.
 */
import {
  acceleratorConstant,
  constantOf,
  gemmConstant,
  type Accelerator,
  type Constant,
  type Datatype
} from "../catalog/index.ts"

/** Measured matrix multiplications of one number format on one accelerator. */
export interface KernelTable {
  readonly name: string
  readonly datatype: Datatype
  /** Columns of equal length: shapes and seconds. */
  readonly m: Float64Array
  readonly n: Float64Array
  readonly k: Float64Array
  readonly seconds: Float64Array
}

export interface Device {
  readonly accelerator: Accelerator
  /** Bytes/s of HBM at its data-sheet rate. */
  readonly memoryBytesPerSecond: number
  /** Share of the memory rate that a matrix multiplication reaches. */
  readonly gemmMemoryShare: number
  /** Fixed seconds of a matrix multiplication, launch gap included. */
  readonly gemmLaunchSeconds: number
  /** Exponent q of the smooth roofline's corner. */
  readonly gemmCorner: number
  /** Bytes/s that elementwise kernels reach. */
  readonly elementwiseBytesPerSecond: number
  readonly elementwiseLaunchSeconds: number
  /** Share of the 16-bit peak that fused attention reaches at head dimension 128 on long sequences, isolated. */
  readonly attentionShare: number
  /** Factor on it in sustained training. */
  readonly attentionSustained: number
  /** Its rate at head dimension 64 and at 256, relative to 128. */
  readonly attentionNarrow: number
  readonly attentionWide: number
  /** Tokens at which fused attention reaches half of that rate. */
  readonly attentionRampTokens: number
  /** Share of the 16-bit peak of the batched products of unfused attention; and where head_dim % 8 != 0. */
  readonly batchedShare: number
  readonly misalignedShare: number
  readonly tables: readonly KernelTable[]
  /** The device that the tables were measured on, where this one varies it. */
  readonly measuredOn?: Device
  /** Sustained share of the peak of a number format; undefined peak = the hardware lacks the format. */
  readonly sustained: (datatype: Datatype) => { readonly peak: number; readonly share: number } | undefined
  /** Every constant read, by key. */
  readonly evidence: ReadonlyMap<string, Constant>
}

/** The formats whose tensor cores a 16-bit operation uses. */
const peakOf = (accelerator: Accelerator, datatype: Datatype): number | undefined => {
  const peaks = accelerator.peakFlops
  if (datatype === "mxfp8") return peaks.mxfp8 ?? peaks.fp8
  return peaks[datatype]
}

/** Builds a device from a catalogue entry. */
export const makeDevice = (accelerator: Accelerator, tables: readonly KernelTable[] = []): Device => {
  const { compute = 1, memory = 1, launch = 1 } = accelerator.attained ?? {}
  const { measuredAs } = accelerator
  const evidence = new Map<string, Constant>()
  const note = (found: { readonly key: string; readonly constant: Constant }): number => {
    evidence.set(found.key, found.constant)
    return found.constant.value
  }
  const own = (name: string): number => note(acceleratorConstant(accelerator.efficiencyClass, name))
  const shared = (key: string): number => {
    const constant = constantOf(key)
    if (constant === undefined) throw new Error(`no constant ${key}`)
    return note({ key, constant })
  }
  const cache = new Map<Datatype, { readonly peak: number; readonly share: number } | undefined>()
  const sustained = (datatype: Datatype) => {
    if (!cache.has(datatype)) {
      const peak = peakOf(accelerator, datatype)
      cache.set(
        datatype,
        peak === undefined
          ? undefined
          : { peak, share: note(gemmConstant(accelerator.efficiencyClass, datatype)) * compute }
      )
    }
    return cache.get(datatype)
  }
  return {
    accelerator,
    memoryBytesPerSecond: accelerator.memory.bytesPerSecond,
    gemmMemoryShare: own("memory") * memory,
    gemmLaunchSeconds: own("launch") * launch,
    gemmCorner: own("corner"),
    elementwiseBytesPerSecond: shared("elementwise.share") * accelerator.memory.bytesPerSecond * memory,
    elementwiseLaunchSeconds: shared("elementwise.launch") * launch,
    attentionShare: own("attention") * compute,
    attentionSustained: own("attentionSustained"),
    attentionNarrow: own("attentionNarrow"),
    attentionWide: own("attentionWide"),
    attentionRampTokens: own("attentionRamp"),
    batchedShare: shared("unfused.softmaxGemmShare") * compute,
    misalignedShare: shared("unfused.misalignedShare") * compute,
    tables,
    ...(measuredAs === undefined || tables.length === 0 ? {} : { measuredOn: makeDevice(measuredAs) }),
    sustained,
    evidence
  }
}

/** The 16-bit format a device multiplies in: bf16 where it has it, else fp16, else fp32. */
export const halfFormat = (accelerator: Accelerator): Datatype =>
  accelerator.peakFlops.bf16 !== undefined ? "bf16" : accelerator.peakFlops.fp16 !== undefined ? "fp16" : "fp32"
