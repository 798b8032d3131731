/** The front door's judgement of a request, and the log of where it went. */
import type { Entrance, Replica } from "../../replica/replica.ts"
import type { Run } from "../run.ts"
import { predictedTtft } from "./estimate.ts"

/**
 * Whether a request's goal for its first token could be met at the replica that the router picked, and what its class wants if
 * not. An empty replica always takes one: it could not come sooner.
 */
export const judgeAdmission = ({ live, job, log, simulation, entrances }: Run, replica: Replica, slot: number) => {
  const classIndex = live.classIndex[slot]!
  const { admission, objectives } = job.workload.classes[classIndex]!
  const goal = objectives.ttftSeconds
  // Who was let in once stays, whatever became of its replica.
  const isSentAgain = (log.fates?.resent[live.request[slot]!] ?? 0) > 0
  if (admission === undefined || goal === undefined || replica.requests === 0 || isSentAgain) return "let in"
  const cached = entrances[classIndex]!.belief?.cachedTokens(slot, replica) ?? 0
  const wait = predictedTtft(live, replica, slot, cached)
  // What is deferred has missed its goal already: it goes in when others would meet it.
  const since = admission === "reject" ? simulation.now - log.arrival[live.request[slot]!]! : 0
  return wait + since <= goal ? "let in" : admission
}

export const logDecision = (
  { live, decisions }: Run,
  { open, belief }: Pick<Entrance, "open" | "belief">,
  chosen: Replica,
  slot: number,
  now: number
): void => {
  decisions!.decide(live.request[slot]!, now, chosen.index)
  for (const replica of open) {
    const cached = belief?.cachedTokens(slot, replica) ?? 0
    decisions!.candidate(replica.index, replica.queuedTokens, cached, predictedTtft(live, replica, slot, cached))
  }
}
