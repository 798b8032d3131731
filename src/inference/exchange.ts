/**
 * Tokens that travel to their experts and back, rank by rank (all-to-all), as DeepEP's kernels send them.
 *
 * Steps of up to 128 tokens a rank send every copy straight to its expert's rank (low-latency kernels). Larger ones send a token
 * once to each scale-up domain that it has experts in, where NVLink hands it on to the ranks (normal kernels). Both ways
 * the slower of NICs and scale-up ports sets the pace. Rates: deepseek-ai/DeepEP, docs/legacy.md, tables of both kernels.
 */
import { groupOf } from "../cluster/index.ts"
import type { Collectives } from "./collectives.ts"
import { imbalanceOf, type ExpertRank } from "./expert-placement.ts"
import type { ExpertExchange, InferenceTarget } from "./types.ts"

/** Tokens a rank up to which engines use DeepEP's low-latency kernels (the size of its tables, and SGLang's default buffer). */
const mostDirectTokens = 128

/** Elements of an 8-bit row that share a 32-bit scale. */
const scaleGroup = 128

/** Bytes of a token's activations on the way to an expert. */
export const rowBytes = (hidden: number, format: ExpertExchange["dispatch"]): number =>
  format === "fp8" ? hidden * (1 + 4 / scaleGroup) : 2 * hidden

/** Of `places` equally likely ones, those that `picks` picks reach. */
export const reachedPlaces = (places: number, picks: number): number => places * (1 - (1 - 1 / places) ** picks)

/** Whether a server sends tokens to their experts alone: then each rank runs dense and shared blocks on tokens of its own. */
export const sendsDirectly = ({ expertExchange }: Pick<InferenceTarget, "expertExchange">): boolean =>
  expertExchange?.by === "all-to-all"

/** Busiest rank's received tokens over the mean. */
export const busiestOf = (target: InferenceTarget, placed: readonly ExpertRank[] | undefined): number =>
  placed === undefined ? target.expertImbalance : imbalanceOf(placed)

/**
 * Seconds of sending the tokens of a step to their experts and their outputs back.
 *
 * @param tokens of the step, over all ranks, each of which sends as many as the fullest
 * @param placed the ranks of the experts; undefined where tokens choose evenly
 */
export const exchangeSeconds = (
  target: InferenceTarget,
  collectives: Collectives,
  tokens: number,
  placed: readonly ExpertRank[] | undefined
): number => {
  const { model, layout, fabric, expertExchange } = target
  if (model.experts === null || expertExchange === undefined) return 0
  const { active } = model.experts
  const ranks = layout.tensor * layout.dataAttention
  const own = Math.ceil(tokens / ranks)
  const { perDomain, domains } = groupOf(
    Array.from({ length: ranks }, (_, rank) => rank),
    fabric
  )
  const busiest = busiestOf(target, placed)
  const allowed = Math.min(domains, expertExchange.nodeLimit ?? domains)
  const oneWay = (sent: number, row: number): { readonly direct: number; readonly forwarded: number } => {
    const bytes = sent * row * busiest
    const copies = active * bytes
    const direct = collectives.exchange(
      { network: (copies * (ranks - perDomain)) / ranks, scaleUp: (copies * (perDomain - 1)) / ranks },
      ranks
    )
    const forwarded = collectives.exchange(
      {
        network: (bytes * reachedPlaces(allowed, active) * (domains - 1)) / domains,
        scaleUp: (bytes * reachedPlaces(allowed * perDomain, active) * (perDomain - 1)) / perDomain
      },
      ranks
    )
    return { direct, forwarded }
  }
  const both = (sent: number, way: "direct" | "forwarded"): number =>
    oneWay(sent, rowBytes(model.hidden, expertExchange.dispatch))[way] +
    oneWay(sent, rowBytes(model.hidden, "bf16"))[way]
  return own <= mostDirectTokens
    ? both(own, "direct")
    : Math.max(both(own, "forwarded"), both(mostDirectTokens, "direct"))
}
