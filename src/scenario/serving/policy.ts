/**
 * Batching policies of users: whatever they do, what comes out is a plan or a refusal that points at the scenario.
 */
import { BadPlan, Stalled, type BatchPlan, type BatchPolicyFunction } from "../../serving/index.ts"
import { formatSeconds } from "../../units/index.ts"
import { show, type ScenarioIssue } from "../issue.ts"
import { locateOne, type LoadedScenario } from "../load.ts"
import { isFields } from "../merge.ts"

const isIds = (value: unknown): boolean =>
  value === undefined || (Array.isArray(value) && value.every((item) => Number.isInteger(item)))

const isPrefill = (value: unknown): boolean =>
  value === undefined ||
  (Array.isArray(value) &&
    value.every((item) => isFields(item) && Number.isInteger(item["id"]) && Number.isInteger(item["tokens"])))

const isPlan = (value: unknown): value is BatchPlan =>
  isFields(value) &&
  isIds(value["decode"]) &&
  isIds(value["preempt"]) &&
  isPrefill(value["prefill"]) &&
  (value["waitUntil"] === undefined || typeof value["waitUntil"] === "number")

/** A policy whose errors and answers of other shapes become a `BadPlan`. */
export const guarded =
  (policy: BatchPolicyFunction): BatchPolicyFunction =>
  (view) => {
    let plan: unknown
    try {
      plan = policy(view)
    } catch (error) {
      throw new BadPlan(view.now, `failed: ${error instanceof Error ? error.message : show(error)}`, "a plan")
    }
    if (isPlan(plan)) return plan
    throw new BadPlan(view.now, show(plan), "a plan such as { prefill: [{ id: 7, tokens: 512 }] }, all numbers whole")
  }

const path = ["serving", "batching", "policy"]

/** The issue that an error of a simulation means, where it is the fault of the scenario's own policy. */
export const policyIssue = (error: unknown, loaded: LoadedScenario): ScenarioIssue | undefined => {
  if (error instanceof BadPlan)
    return locateOne(
      {
        path,
        problem: `the plan at ${formatSeconds(error.now)} has ${error.given}`,
        given: error.given,
        expected: error.expected
      },
      loaded.sources
    )
  return error instanceof Stalled
    ? locateOne(
        {
          path,
          problem: `${error.requests} requests are left, and the policy plans nothing for them`,
          given: "no plan",
          expected: "a plan for every request in the end"
        },
        loaded.sources
      )
    : undefined
}
