/**
 * `plan.json`: what was asked, what is best, what was left out and why.
 */
import { hashScenario, type DecodedScenario } from "../scenario/index.ts"
import type { NoPlan, PlannedLayout, TrainingPlan } from "../planner/index.ts"
import { sureDocument, type PlanSure } from "./plan-sure.ts"
import type { WrittenLayout } from "./plan-text.ts"
import { version } from "./version.ts"

const layoutDocument = ({ changes, accelerators, machines, value, losses, result, whole }: PlannedLayout) => ({
  changes,
  accelerators,
  machines,
  value,
  iterationSeconds: result.iterationSeconds,
  tokensPerSecond: result.tokensPerSecond,
  modelFlopsUtilisation: result.modelFlopsUtilisation,
  peakBytes: result.memory.fullest.peakBytes,
  joulesPerIteration: result.energy.joulesPerIteration,
  costPerMillionTokens: result.cost.perMillionTokens,
  run: result.run,
  /** With failures, saves and stops. */
  wholeRun:
    whole === null
      ? null
      : {
          seconds: whole.seconds,
          goodput: whole.goodput,
          cost: whole.cost,
          tokensPerSecond: whole.tokens / whole.seconds.mean
        },
  breakdown: result.breakdown,
  losses
})

export interface PlanParts {
  readonly plan: TrainingPlan
  /** Of the best layout. */
  readonly scenario: DecodedScenario
  /** That the search took. */
  readonly seconds: number
  readonly launch: unknown
  readonly written: WrittenLayout | null
  readonly sure: PlanSure
}

export const planDocument = ({ plan, scenario, seconds, launch, written, sure }: PlanParts) => ({
  version: 1,
  windtunnel: version,
  kind: "plan",
  request: plan.request,
  /** Every layout that was not simulated has a bound no better than the last one listed. */
  guarantee: "exact",
  seconds,
  counts: plan.counts,
  layouts: plan.layouts.map(layoutDocument),
  front: plan.front.map(layoutDocument),
  /** Whether the first beats each of the others beyond what predictions are off by, and what would settle it. */
  sure: sureDocument(sure),
  /** The scenario's own layout. */
  written:
    written === null
      ? null
      : {
          accelerators: written.accelerators,
          iterationSeconds: written.result.iterationSeconds,
          peakBytes: written.result.memory.fullest.peakBytes,
          fits: written.result.memory.fits
        },
  scenario,
  hash: hashScenario(scenario),
  launch
})

export const noPlanDocument = ({ kind, counts, findings, unmet }: NoPlan<PlannedLayout>, message: string) => ({
  version: 1,
  windtunnel: version,
  kind: "plan",
  error: message,
  reason: kind,
  counts,
  impossible: findings.map(({ finding, layouts }) => ({ ...finding, path: finding.path.join("."), layouts })),
  unmet: unmet.map(({ nearest, ...rest }) => ({ ...rest, nearest: nearest === null ? null : layoutDocument(nearest) }))
})
