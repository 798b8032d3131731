/**
 * What the sensitivity of the highest load within the goals is asked for: `windtunnel sensitivity X --objective loadWithinSlo`.
 */
import * as Effect from "effect/Effect"
import { isSweepProblem, loadSensitivity, parseGoals, searchesOf, type LoadStudy } from "../planner/index.ts"
import type { ResolvedServing } from "../scenario/index.ts"
import { requestsOfOwn, startOf } from "./capacity-answer.ts"
import { capacityPool, searched } from "./capacity-pool.ts"
import { goalsOf } from "./capacity-request.ts"
import { unplannable } from "./capacity-unfit.ts"
import { traceRateOf } from "./capacity-trace.ts"
import { InputWrong } from "./failure.ts"
import { progressOf } from "./progress.ts"
import { problemText } from "./sweep-plan.ts"

/** @param slo  goals as `--slo` has them; undefined = the scenario's */
export const loadStudyOf = Effect.fn("loadStudyOf")(function* (
  resolved: ResolvedServing,
  by: number,
  slo: string | undefined
) {
  const { scenario, job } = resolved
  const impossible = unplannable(scenario)
  if (impossible !== undefined) return yield* new InputWrong({ text: impossible })
  const written = slo ?? scenario.capacity?.slo
  const goals = written === undefined ? goalsOf(scenario) : parseGoals(written)
  if (isSweepProblem(goals)) return yield* problemText(goals)
  if (goals.length === 0)
    return yield* new InputWrong({
      text: `no goal is given, so every load is served well enough\n  expected --slo, capacity.slo or workload.slo, such as --slo "ttft.p99 < 1 s, tpot.p99 < 50 ms"`
    })
  const traceRate = traceRateOf(job)
  const study: LoadStudy = {
    resolved,
    goals,
    requests: requestsOfOwn(resolved),
    start: startOf(resolved),
    ...(traceRate === undefined ? {} : { traceRate }),
    by
  }
  return study
})

/** Simulations of one search, about. */
const usualSearch = 8

export const studyLoad = (study: LoadStudy, threads: number) =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const progress = progressOf(usualSearch * searchesOf(study), process.stderr, undefined, "simulations, about")
      return { progress, pool: capacityPool(threads, progress.step) }
    }),
    ({ pool }) => Effect.promise(() => searched(loadSensitivity(study), pool)),
    ({ pool, progress }) => Effect.promise(() => pool.end().finally(progress.end))
  )
