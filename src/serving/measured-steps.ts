/**
 * Steps whose seconds were measured: a table in place of the laws, such as Splitwise's performance model (Patel et al., ISCA
 * 2024, section 5.2; performance_model.py of Mutinifni/splitwise-sim).
 *
 * Seconds lie on straight lines between the points, and on the first and last line beyond them. A step of prompts goes by
 * its prompt tokens, one that only decodes by its sequences or by the tokens that they attend to. A step of both is one of
 * prompts with so many tokens more as there are sequences that decode, times `mixedFactor`. Host and API server are part of
 * what was measured. FLOPs and bytes are the model's; what the seconds divide into is not known.
 */
import type { StepLoad, StepModel } from "../inference/index.ts"

/** [tokens or sequences, seconds], in ascending order; at least two. */
export type StepPoints = readonly (readonly [number, number])[]

export interface MeasuredSteps {
  readonly prompt: StepPoints
  readonly decode: StepPoints
  readonly decodeBy: "sequences" | "context"
  readonly mixedFactor: number
}

/** @param model  what the table is laid over: of one stage, without guesses or data-parallel attention */
export const withMeasuredSteps = (
  model: StepModel,
  { prompt, decode, decodeBy, mixedFactor }: MeasuredSteps
): StepModel => {
  const [ofPrompts, ofDecodes] = [lineOf(prompt), lineOf(decode)]
  const seconds = (load: StepLoad): number => {
    if (load.prefills === 0) return ofDecodes(decodeBy === "sequences" ? load.decodes : load.decodeContext)
    return ofPrompts(load.prefillTokens + load.decodes) * (load.decodes > 0 ? mixedFactor : 1)
  }
  return {
    ...model,
    stageSeconds: (_stage, load) => seconds(load),
    hopSeconds: () => 0,
    hostSeconds: () => 0,
    firstTokenSeconds: 0,
    decodeLine: (_stage, decodes) =>
      decodeBy === "sequences" ? { floor: 0, base: ofDecodes(decodes), slope: 0, windowSlope: 0 } : undefined,
    addWork: (load, into) => {
      const { communicationSeconds } = into
      model.addWork(load, into)
      into.communicationSeconds = communicationSeconds
    },
    parts: (_stage, load) => [{ name: "measured step", kind: "gemm", seconds: seconds(load) }],
    evidence: [
      {
        name: "serving.measuredSteps",
        constant: { value: ofPrompts(prompt[0]![0]), origin: "measured", source: "the scenario's table of steps" }
      }
    ]
  }
}

/** Straight lines through the points; never below 0. */
const lineOf = (points: StepPoints): ((at: number) => number) => {
  const last = points.length - 2
  return (at) => {
    let piece = 0
    while (piece < last && at > points[piece + 1]![0]) piece++
    const [from, low] = points[piece]!
    const [to, high] = points[piece + 1]!
    return Math.max(0, low + ((high - low) * (at - from)) / (to - from))
  }
}
