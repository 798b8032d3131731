/**
 * How a written server spreads its experts and reaches them, checked: feed-forward ranks of their own, the exchange of tokens,
 * two halves in turns.
 */
import type { ExpertExchange, InferenceTarget } from "../../inference/index.ts"
import type { Finding } from "../issue.ts"
import type { ServingScenario } from "../schema.ts"
import { refuse } from "../size-checks.ts"

type WrittenServer = ServingScenario["serving"]

/** Fields of a target that say so. */
type Spread = Pick<InferenceTarget, "expertExchange" | "overlapsExchange">

/** The spread of a server, or what is wrong with it. */
export const expertLayoutOf = (
  serving: WrittenServer,
  { model, layout, stack }: Pick<InferenceTarget, "model" | "layout" | "stack">
): Spread | readonly Finding[] => {
  const { expertExchange: written, twoBatchOverlap = false } = serving
  const found = [...apartFindings(serving, layout, stack), ...exchangeFindings(written, { model, layout, stack })]
  if (twoBatchOverlap && layout.expert === 1)
    found.push({
      path: ["serving", "twoBatchOverlap"],
      problem: "there is no exchange between experts to hide",
      given: "true",
      expected: "parallelism.expert above 1, or no twoBatchOverlap"
    })
  if (found.length > 0) return found
  const expertExchange: ExpertExchange | undefined =
    written === undefined
      ? undefined
      : { by: written.by, dispatch: written.dispatch ?? "bf16", nodeLimit: written.nodeLimit ?? null }
  return {
    ...(expertExchange === undefined ? {} : { expertExchange }),
    ...(twoBatchOverlap ? { overlapsExchange: true } : {})
  }
}

/** What does not go together with feed-forward blocks on ranks of their own. */
const apartFindings = (
  serving: WrittenServer,
  { feedForward }: InferenceTarget["layout"],
  stack: InferenceTarget["stack"]
): Finding[] => {
  if (feedForward === undefined) return []
  const found: Finding[] = []
  const without = (field: string, given: unknown, problem: string): void => {
    found.push(refuse(["serving", field], JSON.stringify(given), problem, "no parallelism.feedForward, or none of it"))
  }
  const { twoBatchOverlap, speculation, offload, kernels = [] } = serving
  if (twoBatchOverlap === true) without("twoBatchOverlap", true, "micro-batches take turns already")
  if (speculation !== undefined)
    without("speculation", speculation, "a draft beside attention and feed-forward blocks apart is not modelled")
  if (offload !== undefined && offload.share !== 0)
    without("offload", offload, "weights of feed-forward blocks apart stay in device memory")
  if (kernels.length > 0) without("kernels", kernels, "a profile measures attention and feed-forward blocks together")
  if (stack.gathersWeights)
    found.push(
      refuse(
        ["serving", "parallelism", "feedForward"],
        feedForward.ranks,
        `${stack.title} gathers whole layers on every rank`,
        "a stack that keeps its weights in place, or no feedForward"
      )
    )
  return found
}

const exchangeFindings = (
  written: WrittenServer["expertExchange"],
  { model, layout, stack }: Pick<InferenceTarget, "model" | "layout" | "stack">
): readonly Finding[] => {
  if (written === undefined) return []
  const path = ["serving", "expertExchange"]
  if (model.experts === null)
    return [refuse(path, JSON.stringify(written), `${model.name} has no experts`, "nothing for a dense model")]
  if (written.by === "gather") {
    const field = layout.feedForward !== undefined ? "by" : written.dispatch !== undefined ? "dispatch" : "nodeLimit"
    const given = written[field]
    return given === undefined || (field === "dispatch" && given === "bf16")
      ? []
      : [
          refuse(
            [...path, field],
            String(given),
            field === "by"
              ? "tokens go to feed-forward ranks one by one"
              : "gathered tokens travel in 16 bits, to all ranks",
            field === "by" ? "all-to-all" : `by: all-to-all, or no ${field}`
          )
        ]
  }
  if (layout.feedForward !== undefined)
    return written.nodeLimit === undefined
      ? []
      : [
          refuse(
            [...path, "nodeLimit"],
            written.nodeLimit,
            "a limit of nodes is not modelled with feed-forward blocks apart",
            "no nodeLimit"
          )
        ]
  if (stack.gathersWeights)
    return [
      refuse([...path, "by"], written.by, `${stack.title} gathers whole layers: no token travels`, "no expertExchange")
    ]
  const ranks = layout.tensor * layout.dataAttention
  return layout.expert === ranks && ranks > 1
    ? []
    : [
        refuse(
          [...path, "by"],
          written.by,
          layout.expert === 1
            ? "every rank holds a part of every expert: a token would go to all"
            : `the experts lie on ${layout.expert} of the ${ranks} ranks of a stage`,
          `parallelism.expert as large as tensor x dataAttention, ${Math.max(ranks, 2)}, or by: gather`
        )
      ]
}
