/**
 * `windtunnel plan`: the best layout of a scenario under constraints, and what the others lose to it; of a server the cheapest
 * fleet for a load.
 */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { isSweepProblem, parseAxis } from "../planner/index.ts"
import { isServing, planObjectives } from "../scenario/index.ts"
import { capacityFlags, capacityOptionsOf } from "./capacity-flags.ts"
import { InputWrong } from "./failure.ts"
import { meant } from "./meant.ts"
import { jsonFlag, setFlag } from "./run.ts"
import { openedScenario } from "./scenario-file.ts"
import { leaseFlag, leaseOf, threadsOf, workersFlag } from "./work.ts"

const limitNames: Readonly<Record<string, string>> = {
  headroom: "memoryHeadroom",
  memoryHeadroom: "memoryHeadroom",
  deadline: "deadline",
  budget: "budget",
  power: "power",
  accelerators: "accelerators"
}

/** As messages name them. */
const limits = ["headroom", "deadline", "budget", "power", "accelerators"]

/** `deadline=30 days` as a field of the plan; undefined where there is no such constraint. */
const limitField = (text: string): string | undefined => {
  const equals = text.indexOf("=")
  const name = Object.hasOwn(limitNames, text.slice(0, equals).trim()) ? text.slice(0, equals).trim() : undefined
  return name === undefined ? undefined : `plan.constraints.${limitNames[name]}=${text.slice(equals + 1).trim()}`
}

/** A refusal of a field that a flag set, in terms of the flag. */
const asTyped =
  (typed: ReadonlyMap<string, string>) =>
  (wrong: InputWrong): InputWrong => {
    const { issues = [], changesThatRun = [] } = wrong
    const said = issues.map((issue) => ({ ...issue, source: typed.get(issue.source) ?? issue.source }))
    const text = [...typed].reduce((all, [field, flag]) => all.replaceAll(`${field}\n`, `${flag}\n`), wrong.text)
    return new InputWrong({ text, issues: said, changesThatRun })
  }

export const plan = Command.make(
  "plan",
  {
    scenario: Argument.String("scenario").pipe(
      Argument.withDescription("A scenario, the name of a shipped one, or of a model that is to be served")
    ),
    objective: Flag.String("objective").pipe(
      Flag.withMetavar(planObjectives.join("|")),
      Flag.withDescription(
        "What is best; default: the scenario's plan.objective, or time. Serving: cost (the default), accelerators, energy, or load, the highest that --accelerators serve"
      ),
      Flag.optional
    ),
    constraint: Flag.String("constraint").pipe(
      Flag.withMetavar("name=value"),
      Flag.withDescription(
        "headroom=5%, deadline=30 days, budget=2.5M, power=300 kW or accelerators=1024; may be repeated"
      ),
      Flag.between(0, 10)
    ),
    space: Flag.String("space").pipe(
      Flag.withMetavar("size=values"),
      Flag.withDescription(
        "Values of a size, such as tensor=1,2,4 or nodes=8..64*2; may be repeated; default: all. Sizes: tensor, pipeline, data, context, expert, virtualPipeline, microBatch, zeroStage, shardGroup, recompute, schedule, nodes, system"
      ),
      Flag.between(0, 20)
    ),
    top: Flag.Int("top").pipe(Flag.withDescription("Layouts to list; default 5"), Flag.optional),
    set: setFlag,
    json: jsonFlag,
    out: Flag.String("out").pipe(
      Flag.withMetavar("folder"),
      Flag.withDescription(
        "Write plan.json, report.html and report.md, scenario.json of the best, the command that launches it, and what to measure to be sure"
      ),
      Flag.optional
    ),
    workers: workersFlag,
    store: Flag.String("store").pipe(
      Flag.withMetavar("URL"),
      Flag.withDescription(
        "Serving: a database through which `windtunnel work` on any machine takes part: postgres://user:password@host:5432/database"
      ),
      Flag.optional
    ),
    lease: leaseFlag,
    ...capacityFlags
  },
  Effect.fn("plan")(function* ({
    scenario,
    objective,
    constraint,
    space,
    top,
    set,
    json,
    out,
    workers,
    store,
    lease,
    ...serving
  }) {
    const fields: string[] = []
    // Fields that a flag sets, by how they are named in a refusal; the user wrote the flag.
    const typed = new Map<string, string>()
    const setByFlag = (field: string, flag: string): void => {
      fields.push(field)
      typed.set(`--set ${field}`, flag)
    }
    const wanted = Option.getOrUndefined(objective)
    const options = capacityOptionsOf(serving, wanted)
    const { isCapacity, planCapacity } = yield* Effect.promise(() => import("./capacity.ts"))
    const shared = Option.getOrUndefined(store)
    const leaseSeconds = yield* leaseOf(lease, shared !== undefined)
    if (yield* isCapacity(scenario, set, options)) {
      const ofTraining =
        constraint.length > 0 ? "constraint" : space.length > 0 ? "space" : Option.isSome(top) ? "top" : ""
      if (ofTraining !== "")
        return yield* new InputWrong({
          text: `--${ofTraining} is of plans of training\n  expected --slo, --systems, --tensor, --pipeline, --precisions, --expert, --disaggregation, --accelerators or --budget`
        })
      return yield* planCapacity({
        target: scenario,
        set,
        seed: undefined,
        threads: yield* threadsOf(workers, shared === undefined ? 1 : 0),
        sharing: shared === undefined ? undefined : { store: shared, leaseSeconds },
        json,
        folder: Option.getOrUndefined(out),
        options
      })
    }
    if (wanted !== undefined && !(planObjectives as readonly string[]).includes(wanted))
      return yield* new InputWrong({
        text: `--objective ${wanted}\n  expected one of ${planObjectives.join(", ")} for a training${meant(wanted, planObjectives)}`
      })
    const ofSharing = shared !== undefined ? "store" : Option.isSome(workers) ? "workers" : ""
    if (ofSharing !== "")
      return yield* new InputWrong({
        text: `--${ofSharing} is of plans of serving: the layouts of a training are searched on one thread here, within seconds\n  expected none; the points of a sweep go over many machines: windtunnel sweep ... --store postgres://...`
      })
    if (wanted !== undefined) setByFlag(`plan.objective=${wanted}`, `--objective ${wanted}`)
    for (const text of constraint) {
      const field = limitField(text)
      if (field === undefined)
        return yield* new InputWrong({
          text: `--constraint ${text}\n  expected one of ${limits.join(", ")} with a value, such as "deadline=30 days"${meant(text.split("=")[0] ?? "", limits)}`
        })
      setByFlag(field, `--constraint ${text}`)
    }
    for (const text of space) {
      const axis = parseAxis(text)
      if (isSweepProblem(axis))
        return yield* new InputWrong({
          text: `--space ${text}\n  given ${axis.given === "" ? "nothing" : axis.given}\n  expected size=values such as tensor=1,2,4 or nodes=8..64*2`
        })
      setByFlag(`plan.space.${axis.path.split(".").at(-1)}=${JSON.stringify(axis.values)}`, `--space ${text}`)
    }
    const count = Option.getOrUndefined(top)
    if (count !== undefined) setByFlag(`plan.top=${count}`, `--top ${count}`)
    const loaded = yield* openedScenario(scenario, [...set, ...fields]).pipe(Effect.mapError(asTyped(typed)))
    if (isServing(loaded.scenario))
      return yield* new InputWrong({
        text: `${scenario} is about serving\n  expected a scenario of training: this plans how a training is laid out`
      })
    const { planOf } = yield* Effect.promise(() => import("./plan-run.ts"))
    const flags = [
      ...set.flatMap((text) => ["--set", text]),
      ...(wanted === undefined ? [] : ["--objective", wanted]),
      ...constraint.flatMap((text) => ["--constraint", text]),
      ...space.flatMap((text) => ["--space", text]),
      ...(count === undefined ? [] : ["--top", String(count)])
    ]
    return yield* planOf(loaded, { scenario, flags, json, folder: Option.getOrUndefined(out) })
  })
).pipe(
  Command.withDescription(
    "Find the best layout of a training, or the cheapest fleet for a load, and what the others lose"
  ),
  Command.withExamples([
    { command: "windtunnel plan bloom-176b", description: "the fastest layout on the scenario's machines" },
    {
      command: "windtunnel plan bloom-176b --objective gpus --space nodes=24,32,48 --constraint 'deadline=120 days'",
      description: "the smallest cluster that is done in time"
    },
    { command: "windtunnel plan bloom-176b --space tensor=4 --top 10 --out plans/bloom", description: "keep the plan" },
    {
      command: 'windtunnel plan llama-3-70b --load "200 req/s" --slo "ttft.p99 < 1 s, tpot.p99 < 50 ms"',
      description: "the cheapest fleet that serves a load"
    },
    {
      command:
        'windtunnel plan llama-3-70b --load 20 --slo "ttft < 1 s, tpot < 30 ms" --disaggregation together,apart --systems dgx-h100',
      description: "whether pools for prompts and for answers are worth it, and how large each is"
    }
  ])
)
