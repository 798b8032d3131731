/** What plans of capacity are tried on: an 8B model on one machine, behind a router, and goals as they are written. */
import { isSweepProblem, parseGoals, type LatencyGoal } from "../../src/planner/index.ts"
import { scenarioFromData, type ServingScenario } from "../../src/scenario/index.ts"

/**
 * @param prompt  tokens of the shortest and of the longest prompt
 * @param data    parts of the scenario that take the place of the usual ones
 */
export const chatOf = (prompt: readonly [number, number], data: Record<string, unknown> = {}): ServingScenario => {
  const loaded = scenarioFromData({
    name: "test",
    data: {
      cluster: { system: "dgx-h100" },
      model: "llama-3-8b",
      serving: { router: "least-requests" },
      workload: { arrivals: { poisson: { rate: 1 } }, prompt: { uniform: prompt }, output: { uniform: [10, 150] } },
      ...data
    }
  })
  if (loaded._tag === "Refused") throw new Error(JSON.stringify(loaded.issues))
  return loaded.scenario as ServingScenario
}

export const goals = (text: string): readonly LatencyGoal[] => {
  const parsed = parseGoals(text)
  if (isSweepProblem(parsed)) throw new Error(parsed.expected)
  return parsed
}
