/**
 * The options of `windtunnel plan` that only servers have.
 */
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import type { CapacityOptions } from "./capacity-options.ts"

const option = (name: string, metavar: string, meaning: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(`Serving: ${meaning}`), Flag.optional)

export const capacityFlags = {
  load: option("load", "RATE", 'requests in the busiest hour, such as "200 req/s"'),
  night: option("night", "RATE", "requests in the quietest hour of a day that swings as a cosine"),
  slo: option("slo", "GOALS", 'percentiles that must hold, such as "ttft.p99 < 1 s, tpot.p99 < 50 ms"'),
  systems: option("systems", "A,B", "machines to choose from; default one of every usual kind"),
  tensor: option("tensor", "1,2", "tensor-parallel sizes to choose from"),
  pipeline: option("pipeline", "1,2", "pipeline stages to choose from"),
  precisions: option("precisions", "A,B", "number formats of the weights; default bf16,fp8"),
  expert: option("expert", "8,16", "ranks over which experts are spread, to choose from"),
  disaggregation: option(
    "disaggregation",
    "together,apart",
    "prompts and answers on the same replicas, on pools of their own, or whichever is better; default together"
  ),
  accelerators: option("accelerators", "N", "accelerators that there are of each system"),
  priceAt: option("price-at", "low|middle|high", "which of the catalogue's prices counts"),
  spareNodes: option("spare-nodes", "K", "nodes that may be down while the goals hold"),
  models: option("models", "A=50,B=20", "further models with their loads that share the budget"),
  budget: option("budget", "DOLLARS", "most dollars an hour for everything"),
  apiPrice: option("api-price", "IN/OUT", "dollars a million prompt and output tokens of an API to compare with")
} as const

type Given = { readonly [Name in keyof typeof capacityFlags]: Option.Option<string> }

/** The options as they were written; `gpus` is the planner's word for the fewest accelerators. */
export const capacityOptionsOf = (given: Given, objective: string | undefined): CapacityOptions => ({
  load: Option.getOrUndefined(given.load),
  night: Option.getOrUndefined(given.night),
  slo: Option.getOrUndefined(given.slo),
  objective: objective === "gpus" ? "accelerators" : objective,
  systems: Option.getOrUndefined(given.systems),
  tensor: Option.getOrUndefined(given.tensor),
  pipeline: Option.getOrUndefined(given.pipeline),
  precisions: Option.getOrUndefined(given.precisions),
  expert: Option.getOrUndefined(given.expert),
  disaggregation: Option.getOrUndefined(given.disaggregation),
  accelerators: Option.getOrUndefined(given.accelerators),
  priceAt: Option.getOrUndefined(given.priceAt),
  spareNodes: Option.getOrUndefined(given.spareNodes),
  models: Option.getOrUndefined(given.models),
  budget: Option.getOrUndefined(given.budget),
  apiPrice: Option.getOrUndefined(given.apiPrice)
})
