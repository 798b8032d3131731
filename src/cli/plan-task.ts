/**
 * What the fleets of a plan have in common, as it goes to other machines: the scenario and the files that it reads.
 */
import * as Effect from "effect/Effect"
import { resolvedFleet, type FleetRequest } from "../planner/index.ts"
import { hashText, type ServingScenario } from "../scenario/index.ts"
import { InputWrong } from "./failure.ts"
import { sharedScenario } from "./plan-fleet.ts"
import type { NamedTask } from "./store/postgres.ts"
import { cannotTravel, fileKeeper, type FileKeeper } from "./sweep-travel.ts"
import { version } from "./version.ts"

/** A scenario with what was found out about it so far. */
interface Known {
  readonly keeper: FileKeeper
  /** Kinds of replicas whose files are known: there may be one for every tensor size. */
  readonly kinds: Set<string>
  task: NamedTask
}

const kindOf = ({ candidate, prefill, side }: FleetRequest): string =>
  JSON.stringify([candidate, prefill?.candidate, side])

const staysHere = (target: string, problem: string): InputWrong =>
  new InputWrong({
    text: `${target}: ${problem}\n  expected a scenario of plain values and small files, or no --store`
  })

/** Another version may give other numbers, and so may other files of the same names. */
const taskOf = (name: string, scenario: ServingScenario, files: NonNullable<NamedTask["files"]>): NamedTask => ({
  hash: hashText(JSON.stringify(["plan", version, scenario, files])),
  kind: "plan",
  name,
  scenario,
  files
})

/**
 * Tasks of rounds of fleets.
 *
 * @param target names what has no name
 * @returns by a scenario of the round its task; refused where something of it cannot be sent
 */
export const planTasks = (target: string) => {
  const scenarios = new Map<ServingScenario, Known>()
  return Effect.fn("tasksOf")(function* (
    requests: readonly FleetRequest[]
  ): Effect.fn.Return<(scenario: ServingScenario) => NamedTask, InputWrong> {
    for (const request of requests) {
      const { scenario } = request
      let known = scenarios.get(scenario)
      if (known === undefined) {
        const own = sharedScenario(scenario)
        const problem = cannotTravel(own)
        if (problem !== undefined) return yield* staysHere(target, `${problem}, which no other machine can be sent`)
        known = { keeper: fileKeeper(), kinds: new Set(), task: taskOf(scenario.name ?? target, own, {}) }
        scenarios.set(scenario, known)
      }
      const kind = kindOf(request)
      if (known.kinds.has(kind)) continue
      known.kinds.add(kind)
      resolvedFleet(request, known.keeper.reading)
      const files = known.keeper.sent()
      if (typeof files === "string") return yield* staysHere(target, files)
      if (Object.keys(files).length === Object.keys(known.task.files ?? {}).length) continue
      known.task = taskOf(known.task.name, sharedScenario(scenario), files)
    }
    return (scenario) => scenarios.get(scenario)!.task
  })
}
