/**
 * Kernel constants refitted to measured kernels, through the laws of the simulator itself, one accelerator class at a
 * time: matrix multiplications first, then attention, which pays the launch that they fix.
 *
 * A kernel alone runs at another share of the peak than the same kernel in hours of training (clocks, power). Where
 * training measurements calibrate that share, the isolated one is fitted along but not handed on.
 */
import { acceleratorConstant, gemmConstant, withConstants } from "../catalog/index.ts"
import { makeDevice, type Device } from "../kernels/index.ts"
import { median, quantile } from "../statistics/index.ts"
import { fit, type FittedConstant, type FreeConstant } from "./fit.ts"
import { freeConstants } from "./free-constants.ts"
import type { MeasuredKernel } from "./measured-kernel.ts"

/** Errors beyond this count less and less: what tile and wave quantisation, which the laws leave out, scatter. */
const robustScale = 0.1
/** So wide that one kernel outweighs the shipped value. */
const prior = 3

export interface KernelFitOptions {
  readonly kernels: readonly MeasuredKernel[]
  /** Constants (full keys) that keep the value they have, their own or borrowed. */
  readonly fixed?: readonly string[]
  /** At most; default 40. */
  readonly iterations?: number
}

/** How far a law is from the measured kernels of a class, in |log(predicted / measured)|. */
export interface KernelResidual {
  readonly efficiencyClass: string
  readonly kernel: MeasuredKernel["kernel"]
  readonly points: number
  /** Median of the signed log error: above 0 = the law is slow. */
  readonly bias: number
  readonly median: number
  readonly p90: number
}

export interface KernelFit {
  /** What a calibration hands on. */
  readonly constants: readonly FittedConstant[]
  /** Shares of the peak of kernels alone, where training decides the shipped ones. */
  readonly isolated: readonly FittedConstant[]
  readonly residuals: readonly KernelResidual[]
}

type Values = Readonly<Record<string, number>>

/** log(predicted / measured) of kernels of one class under constants; attention as fast as it is alone. */
const logErrors = (efficiencyClass: string, kernels: readonly MeasuredKernel[], values: Values): readonly number[] =>
  withConstants({ ...values, [`${efficiencyClass}.attentionSustained`]: 1 }, () => {
    const devices = new Map<string, Device>()
    return kernels.map(({ accelerator, seconds, predict }) => {
      const device = devices.get(accelerator.name) ?? makeDevice(accelerator)
      devices.set(accelerator.name, device)
      return Math.log(predict(device) / seconds)
    })
  })

const fitTo = (
  efficiencyClass: string,
  kernels: readonly MeasuredKernel[],
  free: readonly FreeConstant[],
  held: Values,
  iterations: number
): readonly FittedConstant[] => {
  if (kernels.length === 0) return []
  const points = kernels.map(({ group }, index) => ({ id: String(index), group, dependsOn: () => true }))
  // The fit asks point after point under one record of values: a device is built once for all of them.
  let known: Values | undefined
  let errors: readonly number[] = []
  return fit(
    free,
    points,
    (index, values) => {
      if (values !== known) errors = logErrors(efficiencyClass, kernels, { ...held, ...values })
      known = values
      return errors[index] ?? 0
    },
    { iterations, robustScale }
  ).constants
}

const ofKernel = (kernels: readonly MeasuredKernel[], kernel: MeasuredKernel["kernel"]): readonly MeasuredKernel[] =>
  kernels.filter((measured) => measured.kernel === kernel)

const ofClass = (kernels: readonly MeasuredKernel[], efficiencyClass: string): readonly MeasuredKernel[] =>
  kernels.filter(({ accelerator }) => accelerator.efficiencyClass === efficiencyClass)

const classesOf = (kernels: readonly MeasuredKernel[]): readonly string[] => [
  ...new Set(kernels.map(({ accelerator }) => accelerator.efficiencyClass))
]

/** The error of the laws on measured kernels under constants; without any, under the shipped ones. */
export const kernelResiduals = (kernels: readonly MeasuredKernel[], values: Values = {}): readonly KernelResidual[] =>
  classesOf(kernels).flatMap((efficiencyClass) => {
    const own = ofClass(kernels, efficiencyClass)
    return (["gemm", "attention"] as const).flatMap((kernel) => {
      const errors = logErrors(efficiencyClass, ofKernel(own, kernel), values)
      if (errors.length === 0) return []
      const sizes = errors.map(Math.abs)
      return [
        {
          efficiencyClass,
          kernel,
          points: errors.length,
          bias: median(errors),
          median: median(sizes),
          p90: quantile(sizes, 0.9)
        }
      ]
    })
  })

const valuesOf = (constants: readonly FittedConstant[]): Values =>
  Object.fromEntries(constants.map(({ key, value }) => [key, value]))

/** Every constant that the kernels of a class inform, the share of its peak alone included. */
const fitClass = (
  efficiencyClass: string,
  { kernels, fixed = [], iterations = 40 }: KernelFitOptions
): readonly FittedConstant[] => {
  const own = ofClass(kernels, efficiencyClass)
  const products = ofKernel(own, "gemm")
  const constant = (name: string, scale: FreeConstant["scale"]): FreeConstant => ({
    key: `${efficiencyClass}.${name}`,
    initial: acceleratorConstant(efficiencyClass, name).constant.value,
    scale,
    prior
  })
  const shares = [...new Set(products.map(({ datatype }) => datatype))].map((datatype): FreeConstant => ({
    key: `${efficiencyClass}.gemm.${datatype}`,
    initial: gemmConstant(efficiencyClass, datatype).constant.value,
    scale: "share",
    prior
  }))
  const moving = (constants: readonly FreeConstant[]) => constants.filter(({ key }) => !fixed.includes(key))
  const roofline = [constant("memory", "share"), constant("launch", "positive"), constant("corner", "positive")]
  const core = [constant("attention", "share"), constant("attentionRamp", "positive")]
  const gemm = fitTo(efficiencyClass, products, moving(shares.concat(roofline)), {}, iterations)
  return gemm.concat(fitTo(efficiencyClass, ofKernel(own, "attention"), moving(core), valuesOf(gemm), iterations))
}

/** Fits every class that the kernels come from, with the shares of kernels alone and the errors that remain. */
export const fitKernelLaws = (options: KernelFitOptions): KernelFit => {
  const fromTraining = new Set(freeConstants().map(({ key }) => key))
  const fitted = classesOf(options.kernels).flatMap((efficiencyClass) => fitClass(efficiencyClass, options))
  return {
    constants: fitted.filter(({ key }) => !fromTraining.has(key)),
    isolated: fitted.filter(({ key }) => fromTraining.has(key)),
    residuals: kernelResiduals(options.kernels, valuesOf(fitted))
  }
}

/**
 * The kernel constants that a calibration hands on: `<class>.memory`, `.launch`, `.corner`, `.attention` and
 * `.attentionRamp`, and `.gemm.<format>` where no training measurement decides it.
 */
export const fitKernels = (options: KernelFitOptions): readonly FittedConstant[] => fitKernelLaws(options).constants
