/**
 * The constants that matter for a server's steps.
 */
import type { Constant } from "../catalog/index.ts"
import type { InferenceTarget, StepModel } from "./types.ts"

/** Constants that mattered: the accelerator's, and the stack's own where they change something. */
export const evidenceOf = (
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
