/**
 * A plan of capacity as JSON: SI units, dollars.
 */
import { rangesDocument, rangesOf } from "../intervals/index.ts"
import { acceleratorsOf, goalText, type FleetOutcome, type ReplicaKind, type SizedFleet } from "../planner/index.ts"
import type { CapacityAnswer, FleetAnswer } from "./capacity-answer.ts"
import type { CapacityAsked } from "./capacity-request.ts"
import { fleetSentence } from "./capacity-text.ts"
import { version } from "./version.ts"

const kindDocument = (candidate: ReplicaKind) => ({ ...candidate, accelerators: acceleratorsOf(candidate) })

const sizedDocument = ({ rated, replicas, value, point, seeds }: SizedFleet) => ({
  replica: kindDocument(rated.candidate),
  accelerator: rated.accelerator.name,
  replicas,
  accelerators: replicas * acceleratorsOf(rated.candidate),
  dollarsPerHour: rated.dollars === undefined ? null : rated.dollars * replicas,
  objective: value,
  seeds,
  bounds: rated.bounds,
  leastReplicas: rated.least,
  ...pointDocument(point)
})

const pointDocument = (outcome: FleetOutcome) =>
  outcome.kind === "none"
    ? { reason: outcome.reason }
    : {
        latencies: outcome.latencies,
        answered: outcome.answered,
        isOverloaded: outcome.isOverloaded,
        requestsPerSecond: outcome.requestsPerSecond,
        outputTokensPerSecond: outcome.outputTokensPerSecond,
        busy: outcome.busy,
        watts: outcome.watts
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
          throughput === undefined ? null : rangesDocument(rangesOf(answer.redundancy.replicas, throughput)),
        front: answer.front.map(({ candidate, replicas, value, point }) => ({
          replica: kindDocument(candidate),
          replicas,
          objective: value,
          ...pointDocument(point)
        })),
        redundancy: answer.redundancy,
        throughFailure:
          answer.through === null ? null : { holds: answer.through.holds, ...pointDocument(answer.through.outcome) },
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
