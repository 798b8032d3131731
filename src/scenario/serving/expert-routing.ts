/**
 * A written routing of a mixture's tokens, checked against its experts and ranks.
 */
import type { Model } from "../../catalog/index.ts"
import { powerLaw, type ExpertRouting, type InferenceLayout } from "../../inference/index.ts"
import type { Finding } from "../issue.ts"
import type { ServingScenario } from "../schema.ts"
import { refuse } from "../size-checks.ts"

/** The routing of a server; undefined where tokens choose evenly and no expert has a copy. */
export const expertRoutingOf = (
  { expertRouting, redundantExperts = 0, expertImbalance }: ServingScenario["serving"],
  { experts, name }: Model,
  layout: InferenceLayout
): ExpertRouting | undefined | readonly Finding[] => {
  if (expertRouting === undefined && redundantExperts === 0) return undefined
  const path = ["serving", expertRouting === undefined ? "redundantExperts" : "expertRouting"]
  const given = expertRouting === undefined ? redundantExperts : JSON.stringify(expertRouting)
  if (experts === null) return [refuse(path, given, `${name} has no experts`, "nothing for a dense model", [])]
  const { zipf, loads } = expertRouting ?? {}
  if (expertRouting !== undefined && expertImbalance !== undefined)
    return [
      refuse(["serving", "expertImbalance"], expertImbalance, "expertRouting says the imbalance already", "nothing", [])
    ]
  const copies = (experts.count + redundantExperts) / layout.expert
  if (redundantExperts > 0 && !Number.isInteger(copies)) {
    const more = layout.expert * Math.ceil(copies) - experts.count
    return [
      refuse(
        ["serving", "redundantExperts"],
        redundantExperts,
        `${experts.count} experts and ${redundantExperts} copies do not divide over ${layout.expert} ranks`,
        `copies that fill the ranks evenly`,
        more - layout.expert > 0 ? [more - layout.expert, more] : [more]
      )
    ]
  }
  if (redundantExperts > 0 && layout.expert === 1)
    return [
      refuse(
        ["serving", "redundantExperts"],
        redundantExperts,
        "every rank holds a part of every expert: copies have no place",
        "serving.parallelism.expert above 1, or 0",
        [0]
      )
    ]
  if (loads === undefined)
    return { popularity: powerLaw(experts.count, zipf ?? 0, experts.active), redundant: redundantExperts }
  const sum = loads.reduce((total, load) => total + load, 0)
  if (loads.length !== experts.count || sum === 0)
    return [
      refuse(
        ["serving", "expertRouting", "loads"],
        sum === 0 ? "loads of 0" : `${loads.length} loads`,
        sum === 0 ? "no expert has a load" : `${name} has ${experts.count} experts`,
        `${experts.count} loads, one above 0 at least`,
        []
      )
    ]
  const busiest = Math.max(...loads)
  if (busiest / sum > 1 / experts.active + 1e-9)
    return [
      refuse(
        ["serving", "expertRouting", "loads"],
        busiest,
        `a token picks ${experts.active} different experts, so that none has more than 1/${experts.active} of the load`,
        `loads of at most 1/${experts.active} of their sum`,
        []
      )
    ]
  return { popularity: loads.map((load) => load / sum), redundant: redundantExperts }
}
