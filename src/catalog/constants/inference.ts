/**
 * The constants of an accelerator for served inference: of its own class, else of the nearest class that has them.
 */
import type { KernelFamily } from "../serving-types.ts"
import type { Accelerator, Constant } from "../types.ts"
import { constantOf, type Found } from "./index.ts"

/** Classes to borrow from, nearest first. Inference tells accelerators apart by their memory as well as by their cores. */
const classes: Readonly<Record<string, readonly string[]>> = {
  a100: ["a100"],
  v100: ["a100"],
  h100: ["h100", "h200", "a100"],
  h200: ["h200", "h100", "a100"],
  b200: ["b200", "h200", "h100", "a100"],
  l40s: ["l40s", "geforce", "a100"],
  "geforce-ampere": ["geforce-ampere", "geforce", "l40s", "a100"],
  "rtx-pro-6000": ["rtx-pro-6000", "l40s", "geforce", "b200", "h100", "a100"],
  geforce: ["geforce", "l40s", "a100"],
  apple: ["apple", "geforce", "a100"],
  other: ["h100", "h200", "a100"]
}

/** The class of inference constants that an accelerator belongs to. */
export const inferenceClass = (accelerator: Accelerator): string => {
  const { inferenceClass: own, generation, efficiencyClass } = accelerator
  return own ?? (efficiencyClass in classes ? efficiencyClass : (ofGeneration[generation] ?? "other"))
}

/** Where neither the accelerator nor its efficiency class has constants of inference. */
const ofGeneration: Readonly<Record<string, string>> = {
  ampere: "l40s",
  ada: "l40s",
  blackwell: "b200",
  apple: "apple"
}

/** Kernels that stand in for others, nearest first. */
const standIns: Readonly<Record<KernelFamily, readonly KernelFamily[]>> = {
  bf16: ["bf16"],
  fp8: ["fp8", "bf16"],
  nvfp4: ["nvfp4", "fp8", "bf16"],
  int4: ["int4", "int8", "bf16"],
  int8: ["int8", "bf16"]
}

/**
 * An inference constant of a class.
 *
 * @param kernels family of kernels, where the constant differs between them
 */
export const inferenceConstant = (ofClass: string, name: string, kernels?: KernelFamily): Found | undefined => {
  for (const candidate of classes[ofClass] ?? [ofClass, "h100", "a100"])
    for (const family of kernels === undefined ? [undefined] : standIns[kernels]) {
      const key = `${candidate}.inference.${name}${family === undefined ? "" : `.${family}`}`
      const constant = constantOf(key)
      if (constant !== undefined)
        return { key, constant: noted(constant, candidate === ofClass && family === kernels, key) }
    }
  return undefined
}

const noted = (constant: Constant, isOwn: boolean, key: string): Constant =>
  isOwn ? constant : { ...constant, origin: "assumed", source: `borrowed from ${key}: ${constant.source}` }
