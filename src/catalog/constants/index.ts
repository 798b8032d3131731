/**
 * The constants of accelerators, links and stacks that come from measurements, by key, each with its origin.
 *
 * `fitted.json` and `fitted-serving.json` are the output of `windtunnel calibrate`; nothing else writes them. Keys read as
 * `<efficiency class>.<constant>[.<number format>]`, `stack.<name>.<constant>`, `link.<name>.<constant>`; those of served
 * inference as `<class>.inference.<constant>[.<kernels>]` and `serving.<stack>[@<version>].<constant>`.
 */
import type { Constant, Datatype } from "../types.ts"
import fitted from "./fitted.json" with { type: "json" }
import fittedServing from "./fitted-serving.json" with { type: "json" }
import { published } from "./published.ts"
import { servingPriors } from "./serving-priors.ts"

const shipped: Readonly<Record<string, Constant>> = {
  ...published,
  ...servingPriors,
  ...(fitted as unknown as Record<string, Constant>),
  ...(fittedServing as unknown as Record<string, Constant>)
}

/** Replacement values that a calibration tries; empty outside of one. */
const trial = new Map<string, number>()

/** The constant under a key, or undefined. */
export const constantOf = (key: string): Constant | undefined => {
  const found = shipped[key]
  const tried = trial.get(key)
  if (tried === undefined) return found
  return { origin: "fitted", source: "calibration in progress", ...found, value: tried }
}

/** Every shipped constant with its key. */
export const allConstants = (): readonly { readonly key: string; readonly constant: Constant }[] =>
  Object.entries(shipped).map(([key, constant]) => ({ key, constant }))

/** Runs `body` with some constants replaced (a calibration's trial), then restores them. */
export const withConstants = <A>(values: Readonly<Record<string, number>>, body: () => A): A => {
  const before = new Map(trial)
  for (const [key, value] of Object.entries(values)) trial.set(key, value)
  try {
    return body()
  } finally {
    trial.clear()
    for (const [key, value] of before) trial.set(key, value)
  }
}

/** Families to borrow from, nearest first, where a class has no constant of its own. */
const borrowed: Readonly<Record<string, readonly string[]>> = {
  v100: ["a100"],
  "ampere-consumer": ["a100"],
  ampere: ["a100"],
  ada: ["l40s", "a100"],
  l40s: ["a100"],
  "h100-500w": ["h100"],
  h200: ["h100"],
  hopper: ["h100"],
  b200: ["h100"],
  b300: ["b200", "h100"],
  blackwell: ["b200", "h100"],
  "blackwell-consumer": ["l40s", "b200"]
}

/** Number formats whose efficiency stands in for another's. */
const sameUnit: Readonly<Record<Datatype, readonly Datatype[]>> = {
  bf16: ["bf16", "fp16"],
  fp16: ["fp16", "bf16"],
  tf32: ["tf32", "bf16"],
  fp32: ["fp32"],
  fp8: ["fp8", "bf16"],
  mxfp8: ["mxfp8", "fp8", "bf16"],
  nvfp4: ["nvfp4", "fp8", "bf16"],
  int8: ["int8", "fp8", "bf16"]
}

export interface Found {
  readonly key: string
  readonly constant: Constant
}

/** A class, then those it borrows constants from, nearest first. */
export const classChain = (efficiencyClass: string): readonly string[] => [
  efficiencyClass,
  ...(borrowed[efficiencyClass] ?? []),
  "a100"
]

/** A constant of an accelerator's class; borrowed from the nearest class that has it, which the result then says. */
export const acceleratorConstant = (efficiencyClass: string, name: string): Found => {
  for (const candidate of classChain(efficiencyClass)) {
    const key = `${candidate}.${name}`
    const constant = constantOf(key)
    if (constant !== undefined) return { key, constant: borrowedFrom(constant, candidate, efficiencyClass) }
  }
  throw new Error(`no constant ${name} for ${efficiencyClass}`)
}

/** Share of the peak that large matrix multiplications sustain in a number format. */
export const gemmConstant = (efficiencyClass: string, datatype: Datatype): Found => {
  for (const candidate of classChain(efficiencyClass)) {
    for (const format of sameUnit[datatype]) {
      const key = `${candidate}.gemm.${format}`
      const constant = constantOf(key)
      if (constant !== undefined)
        return slowed(efficiencyClass, { key, constant: borrowedFrom(constant, candidate, efficiencyClass) })
    }
  }
  return {
    key: "default.gemm",
    constant: { value: 0.8, origin: "assumed", source: "no measurement of this number format" }
  }
}

/** A variant with a lower power limit sustains a share of what its class does (`<class>.sustained`). */
const slowed = (efficiencyClass: string, found: Found): Found => {
  const factor = constantOf(`${efficiencyClass}.sustained`)
  if (factor === undefined) return found
  const { constant } = found
  return {
    key: `${found.key} x ${efficiencyClass}.sustained`,
    constant: { ...factor, value: constant.value * factor.value, source: `${factor.source}; ${constant.source}` }
  }
}

const borrowedFrom = (constant: Constant, from: string, wanted: string): Constant =>
  from === wanted ? constant : { ...constant, origin: "assumed", source: `borrowed from ${from}: ${constant.source}` }
