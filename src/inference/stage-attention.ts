/**
 * Attention of a stage's layers by the analytic law: full, windowed and linear ones.
 */
import { attendedTokens } from "../transformer/index.ts"
import type { AttentionLaw } from "./attention.ts"
import type { Stage } from "./shard.ts"
import type { InferenceTarget, StepLoad } from "./types.ts"

/** Seconds of attention of a stage; `share` of the step's prompts is left to it. */
export type StageAttention = (stage: Stage, load: StepLoad, share: number) => number

export const makeStageAttention = ({ model }: InferenceTarget, attention: AttentionLaw): StageAttention => {
  const window = attendedTokens(model)
  return (stage, load, share) => {
    let seconds = 0
    if (load.decodes > 0) {
      const local = stage.layers - stage.windowed - stage.recurrent
      seconds +=
        stage.layers * attention.decodeLaunch +
        stage.recurrent * attention.stateStep * load.decodes +
        attention.decodePerToken *
          (load.prefills > 0 ? attention.besidePrompts : 1) *
          (local * load.decodeContext + stage.windowed * load.decodeWindow)
      if (attention.indexStep > 0) seconds += stage.windowed * attention.indexStep * load.decodeContext
    }
    if (load.prefills > 0) {
      const pairs = load.prefillPairs * share
      const near = Math.min(pairs, load.prefillTokens * window * share)
      seconds += (stage.layers - stage.windowed - stage.recurrent) * attention.prompt(load, pairs)
      seconds += stage.recurrent * attention.statePrompt * load.prefillTokens * share
      if (stage.windowed > 0) seconds += stage.windowed * attention.prompt(load, near)
      if (attention.indexPair > 0) seconds += stage.windowed * attention.indexPair * pairs
    }
    return seconds
  }
}
