/**
 * A plan of capacity as JSON: SI units, dollars.
 */
import { rangesDocument, rangesOf } from "../intervals/index.ts"
import { goalText, type PrefillSide, type SizedFleet } from "../planner/index.ts"
import type { CapacityAnswer, FleetAnswer } from "./capacity-answer.ts"
import { highestDocument } from "./capacity-highest.ts"
import { kindDocument, pointDocument } from "./fleet-document.ts"
import { capacitySureDocument } from "./capacity-sure.ts"
import type { CapacityAsked } from "./capacity-request.ts"
import { fleetSentence } from "./capacity-text.ts"
import { plannedAccelerators, plannedDollars, plannedOf, plannedReplicas } from "./fleet-size.ts"
import { version } from "./version.ts"

/** The pool that computes prompts; `replica` and `replicas` beside it are then of the pool that writes answers. */
const prefillDocument = (prefill: PrefillSide | undefined) =>
  prefill === undefined ? {} : { prefill: { replica: kindDocument(prefill.candidate), replicas: prefill.replicas } }

const sizedDocument = (one: SizedFleet) => {
  const { rated, value, point, seeds } = one
  const planned = plannedOf(one)
  return {
    replica: kindDocument(rated.candidate),
    ...prefillDocument(planned.prefill),
    accelerator: rated.accelerator.name,
    replicas: planned.replicas,
    accelerators: plannedAccelerators(planned),
    dollarsPerHour: plannedDollars(one) ?? null,
    objective: value,
    seeds,
    bounds: rated.bounds,
    leastReplicas: rated.least,
    ...pointDocument(point)
  }
}

const planDocument = ({ plan }: Pick<FleetAnswer, "plan">) => ({
  layouts: plan.layouts,
  pruned: Object.entries(Object.groupBy(plan.pruned, ({ cause }) => cause)).map(([cause, all]) => ({
    cause,
    count: all.length,
    example: all[0]?.reason
  })),
  beatenByBound: plan.beaten.filter(({ tried }) => tried === null).length,
  beatenBySimulation: plan.beaten.filter(({ tried }) => tried !== null).length,
  ...(plan.apart === undefined
    ? {}
    : {
        apart: {
          pairs: plan.apart.pairs,
          impossible: plan.apart.impossible,
          beatenByBound: plan.apart.byBound,
          simulated: plan.apart.simulated
        }
      }),
  simulations: plan.simulations,
  candidates: plan.sized.map(sizedDocument)
})

const answerDocument = (answer: CapacityAnswer) => {
  const goals = answer.task.goals.map(goalText)
  switch (answer.kind) {
    case "none":
      return {
        model: answer.task.model,
        load: answer.request.rate,
        goals,
        answer: null,
        ...planDocument(answer),
        outOfReach:
          answer.reach === undefined
            ? null
            : { missed: answer.reach.missed.map(goalText), reachable: answer.reach.reachable.map(goalText) }
      }
    case "highest":
      return highestDocument(answer)
    case "load":
      return {
        model: answer.task.model,
        goals,
        highestLoad: answer.found.rate,
        accelerators: answer.accelerators,
        simulations: answer.found.simulations,
        at: answer.found.point === null ? null : pointDocument(answer.found.point),
        interval:
          answer.intervals.throughput === undefined
            ? null
            : rangesDocument(rangesOf(answer.found.rate, answer.intervals.throughput))
      }
    default: {
      const { throughput } = answer.intervals
      return {
        model: answer.task.model,
        load: answer.request.rate,
        goals,
        answer: fleetSentence(answer),
        best: sizedDocument(answer.best),
        ...planDocument(answer),
        replicasInterval:
          throughput === undefined
            ? null
            : rangesDocument(rangesOf(plannedReplicas(plannedOf(answer.best, answer.redundancy)), throughput)),
        front: answer.front.map(({ candidate, replicas, prefill, value, point }) => ({
          replica: kindDocument(candidate),
          ...prefillDocument(prefill),
          replicas,
          objective: value,
          ...pointDocument(point)
        })),
        /** Whether the first beats each of the others beyond what predictions are off by, and what would settle it. */
        sure: capacitySureDocument(answer.sure),
        redundancy: answer.redundancy,
        throughFailure:
          answer.through === null
            ? null
            : {
                holds: answer.through.holds,
                ...(answer.through.side === undefined ? {} : { of: answer.through.side }),
                ...pointDocument(answer.through.outcome)
              },
        day: answer.day,
        cost: answer.ways,
        launch: answer.launch.map(({ name, text }) => ({ name, text }))
      }
    }
  }
}

export const capacityDocument = (
  answers: readonly CapacityAnswer[],
  asked: Pick<CapacityAsked, "assumptions" | "budget" | "seed">,
  sheet: unknown
) => ({
  windtunnel: version,
  kind: "capacity",
  seed: asked.seed,
  assumptions: asked.assumptions,
  plans: answers.map(answerDocument),
  ...(sheet === null ? {} : { sheet })
})
