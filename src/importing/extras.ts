/**
 * LoRA adapters and speculative decoding of a server, as a command line says them: what a scenario can take over, and
 * what has to be added to it by hand.
 */
import { findModel } from "./model-name.ts"
import { assumed, given, notModelled, type Extra } from "./settings.ts"

export interface SaidAdapters {
  /** Adapters that the command line names. */
  readonly named: number
  /** Where it names none. */
  readonly atLeast: number
  /** Undefined = not said. */
  readonly rank: number | undefined
  /** Adapters that a step may mix; undefined = not said. */
  readonly places: number | undefined
}

/** Which adapter a request asks for no command line says: the scenario's usual draw is taken. */
export const adaptersExtra = ({ named, atLeast, rank, places }: SaidAdapters): Extra => ({
  fields: given({ count: named > 0 ? named : atLeast, rank, resident: places }),
  remarks: [
    assumed(
      named > 0
        ? "adapters of attention's layers, each request asking for one by Zipf's law: set serving.adapters"
        : `${atLeast} adapters, as none are named, of attention's layers, each request asking for one by Zipf's law: set serving.adapters`
    )
  ]
})

export interface SaidSpeculation {
  /** As the command line writes it, before a colon. */
  readonly written: string
  /** What makes the proposals, in the scenario's words; undefined = nothing that a scenario has. */
  readonly draft: "head" | "ngram" | "model" | undefined
  /** Of a draft that is a model. */
  readonly model?: string | undefined
  /** Proposals of a step. */
  readonly tokens: number | undefined
  /** Why it cannot be taken over, where that is known already. */
  readonly why?: string | undefined
}

/** How many proposals are right no command line says; of the usual 0.6 to 0.8 (docs/serving.md) the middle. */
const usualAcceptance = 0.7

/** The most proposals that a scenario takes. */
const mostTokens = 64

export const speculationExtra = (said: SaidSpeculation): Extra => {
  const { written, draft, model = "", tokens } = said
  const byHand = (why: string): Extra => ({
    fields: undefined,
    remarks: [
      notModelled(`${written}: times are those without speculation, as ${why}; add serving.speculation by hand`)
    ]
  })
  if (said.why !== undefined) return byHand(said.why)
  if (draft === undefined) return byHand("a scenario has a draft model, a head or n-grams alone")
  if (tokens === undefined || !Number.isInteger(tokens) || tokens < 1 || tokens > mostTokens)
    return byHand(`no number of proposals from 1 to ${mostTokens} is said`)
  const found = draft === "model" ? findModel(model) : undefined
  if (draft === "model" && found === undefined) return byHand(`the catalogue has no model "${model}" for the draft`)
  return {
    fields: {
      tokens,
      acceptance: usualAcceptance,
      draft:
        found === undefined
          ? { [draft]: {} }
          : // The server's --quantization is not the draft's, whose weights are as they were released.
            { model: { model: found.model.name, precision: found.released ?? "bf16" } }
    },
    remarks: [
      assumed(
        `serving.speculation.acceptance ${usualAcceptance}, which no command line says: to be replaced by what the server measures`
      )
    ]
  }
}

const heads = /eagle|mtp|next_?n/i

/** By the names of vLLM, SGLang and TensorRT-LLM for their methods. */
export const draftOf = (method: string): SaidSpeculation["draft"] => {
  if (heads.test(method)) return "head"
  if (/^n_?gram(?:_gpu)?$/i.test(method)) return "ngram"
  return /^(?:draft_model|standalone|draft_?target)$/i.test(method) ? "model" : undefined
}

/** The method of a draft that is named alone, as vLLM reads it out of the name. */
export const methodOfModel = (name: string): string => {
  if (/^\[?ngram\]?$/.test(name)) return "ngram"
  return heads.exec(name)?.[0] ?? /medusa|mlp[-_]speculator|accelerator/i.exec(name)?.[0] ?? "draft_model"
}
