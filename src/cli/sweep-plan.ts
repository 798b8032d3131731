/**
 * What a sweep simulates: its points, each with a key, and the name of the whole.
 */
import * as Effect from "effect/Effect"
import {
  axisOf,
  gridPoints,
  isSweepProblem,
  parseAxis,
  type Axis,
  type SweepPoint,
  type SweepProblem
} from "../planner/index.ts"
import { hashScenario, scenarioWith, type DecodedScenario, type LoadedScenario } from "../scenario/index.ts"
import { InputWrong, inputWrong } from "./failure.ts"

export interface SweepPlan {
  readonly hash: string
  readonly name: string
  /** Without its `sweep`. */
  readonly scenario: DecodedScenario
  readonly points: readonly SweepPoint[]
  readonly axes: readonly Axis[]
  /** What was asked for, as a scenario's `sweep` has it. */
  readonly asked: NonNullable<DecodedScenario["sweep"]>
}

/** What may be written on the command line instead of in the scenario. */
export interface SweepWords {
  readonly vary: readonly string[]
  readonly where: string | undefined
  readonly seeds: number | undefined
}

/** A problem as every command says one. */
export const problemText = ({ about, given, expected }: SweepProblem): InputWrong =>
  new InputWrong({ text: `${about}: given ${given === "" ? "nothing" : given}\n  expected ${expected}` })

/** The axes and points of a request; what it leaves out comes from the scenario's own `sweep`. */
const planned = (
  loaded: LoadedScenario,
  argument: string,
  { vary, where, seeds }: SweepWords
): SweepPlan | SweepProblem => {
  const { sweep, ...scenario } = loaded.scenario
  const axes: Axis[] = []
  const written =
    vary.length > 0
      ? vary.map(parseAxis)
      : Object.entries(sweep?.vary ?? {}).map(([path, values]) => axisOf(path, values))
  for (const axis of written) {
    if (isSweepProblem(axis)) return axis
    axes.push(axis)
  }
  if (axes.length === 0)
    return {
      _tag: "SweepProblem",
      about: "the sweep",
      given: "nothing to vary",
      expected: "--vary path=value,value, or a `sweep:` block in the scenario"
    }
  const first = loaded.scenario.seed ?? 1
  const count = seeds ?? sweep?.seeds ?? 1
  const condition = where ?? (vary.length > 0 ? undefined : sweep?.where)
  const grid = {
    axes,
    seeds: Array.from({ length: count }, (_, index) => first + index),
    ...(condition === undefined ? {} : { where: condition })
  }
  const points = gridPoints(grid)
  if (isSweepProblem(points)) return points
  return {
    hash: hashScenario({ scenario, ...grid }),
    name: loaded.scenario.name ?? argument,
    scenario,
    points,
    axes,
    asked: {
      vary: Object.fromEntries(axes.map(({ path, values }) => [path, [...values]])),
      ...(condition === undefined ? {} : { where: condition }),
      ...(count === 1 ? {} : { seeds: count })
    }
  }
}

/** A field that no scenario has is told before anything is simulated. */
const checkPaths = Effect.fn("checkPaths")(function* (loaded: LoadedScenario, axes: readonly Axis[]) {
  for (const { path, values } of axes) {
    const changed = scenarioWith(loaded, { [path]: values[0] })
    if (changed._tag !== "Refused") continue
    const unknown = changed.issues.filter(({ expected }) => expected.includes("windtunnel schema"))
    if (unknown.length > 0) return yield* inputWrong(unknown)
  }
  return undefined
})

/** @param argument the scenario as it was asked for, which names what has no name */
export const sweepPlan = Effect.fn("sweepPlan")(function* (
  loaded: LoadedScenario,
  argument: string,
  words: SweepWords
) {
  const plan = planned(loaded, argument, words)
  if (isSweepProblem(plan)) return yield* problemText(plan)
  yield* checkPaths(loaded, plan.axes)
  return plan
})
