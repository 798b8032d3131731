/**
 * What more and less of each resource does to a scenario, one simulation after another: the same study as `windtunnel
 * sensitivity`, with the field of the scenario that each side comes down to.
 */
import {
  concludedSensitivity,
  remarksOf,
  sensitivityStudy,
  sentenceOf,
  type SensitivityOutcome,
  type SensitivityStudy,
  type Side
} from "../../src/planner/index.ts"
import { simulatePoint, type Point } from "../../src/report/index.ts"
import type { ResolvedScenario, ResolveOptions } from "../../src/scenario/index.ts"
import type { Refusal, Sensitivities, Sensitivity, SensitivitySide } from "./protocol.ts"

/** As `windtunnel sensitivity` has it. */
const usualStep = 0.1

export const sensitivities = (
  resolved: ResolvedScenario,
  reading: ResolveOptions,
  onPart: (part: Sensitivities) => void
): Sensitivities | Refusal => {
  const study = sensitivityStudy(resolved, usualStep)
  const points: Point[] = []
  const far = (): Sensitivities | Refusal => {
    const first = concludedSensitivity(study, points)
    return "reason" in first
      ? { _tag: "Refusal", problems: [{ path: "", message: first.reason, line: undefined }] }
      : {
          _tag: "Sensitivities",
          by: usualStep,
          done: points.length,
          of: study.requests.length,
          results: resultsOf(first)
        }
  }
  const resultsOf = (first: SensitivityOutcome): readonly Sensitivity[] =>
    first.sensitivity.objectives.flatMap(({ name }) => {
      const outcome = concludedSensitivity(study, points, name)
      return "reason" in outcome ? [] : [resultOf(outcome, study, resolved)]
    })
  for (const request of study.requests) {
    points.push(simulatePoint(request, reading))
    const part = far()
    if (part._tag === "Refusal") return part
    if (part.done < part.of && (part.results[0]?.rows.length ?? 0) > 0) onPart(part)
  }
  return far()
}

const resultOf = (outcome: SensitivityOutcome, study: SensitivityStudy, resolved: ResolvedScenario): Sensitivity => {
  const { effects, objectives } = outcome.sensitivity
  return {
    title: objectives[0]?.title ?? "",
    finding: sentenceOf(outcome),
    remarks: remarksOf(outcome),
    rows: effects.map(({ resource, title, responses: [response] }) => {
      const variation = study.variations.find((one) => one.resource === resource)!
      const { more, less } = variation
      const side = (one: Side, change: number | null | undefined): SensitivitySide => ({
        times: one.times,
        change: change ?? null,
        ...fieldOf(one, resolved)
      })
      return {
        title,
        elasticity: response?.elasticity ?? null,
        shape: response?.shape ?? "none",
        more: side(more, response?.withMore),
        less: less === null ? null : side(less, response?.withLess)
      }
    })
  }
}

/** The field that a side comes down to. Factors are on top of those that the scenario has; one of 1 needs no field. */
const fieldOf = (
  { factors, changes }: Side,
  { scenario: { resources } }: ResolvedScenario
): { readonly path: readonly string[]; readonly value: unknown } => {
  const [path = "", value] = Object.entries(changes ?? {})[0] ?? []
  if (factors === undefined) return { path: path.split("."), value }
  const [name = "", factor = 1] = Object.entries(factors)[0] ?? []
  const own = Object.entries(resources ?? {}).find(([known]) => known === name)?.[1] ?? 1
  const times = Number((own * factor).toPrecision(6))
  return { path: ["resources", name], value: times === 1 ? undefined : times }
}
