/**
 * When requests come: rates, curves and users of a scenario, as the simulation takes them.
 */
import type { Arrivals, RateCurve } from "../../serving/index.ts"
import { show, type Finding, type Path } from "../issue.ts"
import type { ServingScenario } from "../schema.ts"
import { distributionOf, isFindings } from "./distribution.ts"

type Written = ServingScenario["workload"]["arrivals"]
type WrittenCurve = NonNullable<Written["poisson"]>["rate"]

const secondsOfDay = 86_400

/** Slowest rate in the long run: a request in eleven days. */
const slowest = 1e-6

const refuse = (path: Path, given: unknown, problem: string, expected: string): readonly Finding[] => [
  { path, problem, given: show(given), expected }
]

/** A rate over time that is above 0 somewhere. */
const curveOf = (written: WrittenCurve, path: Path): RateCurve | readonly Finding[] => {
  if (typeof written === "number") return { kind: "constant", rate: written }
  if (written.ramp !== undefined) {
    const { from, to, over } = written.ramp
    return to >= slowest
      ? { kind: "ramp", from, to, seconds: over }
      : refuse([...path, "ramp", "to"], to, "hardly a request would come after the ramp", `at least ${slowest}`)
  }
  if (written.daily !== undefined) {
    const { mean, amplitude, peak, period = secondsOfDay } = written.daily
    return { kind: "daily", mean, amplitude, peakSeconds: peak, periodSeconds: period }
  }
  if (written.bursts !== undefined) {
    const { rate, burstRate, lasting, every } = written.bursts
    const here = [...path, "bursts"]
    if (lasting > every)
      return refuse(
        [...here, "lasting"],
        lasting,
        `a burst of ${lasting} s every ${every} s never ends`,
        `at most ${every} s`
      )
    if (rate + (burstRate * lasting) / every < slowest)
      return refuse([...here, "burstRate"], burstRate, "hardly a request would come", "a higher rate")
    return { kind: "bursts", rate, burstRate, burstSeconds: lasting, everySeconds: every }
  }
  const steps = written.steps ?? []
  const here = [...path, "steps"]
  const seconds = steps.map(([time]) => time)
  const wrong = seconds.findIndex((time, index) => (index === 0 ? time !== 0 : time <= (seconds[index - 1] ?? 0)))
  if (wrong >= 0)
    return refuse(
      [...here, wrong],
      steps[wrong],
      wrong === 0 ? "the first step is not at time 0" : "the steps are not in order of time",
      "[time, rate] pairs in order of time, the first at 0"
    )
  const rates = steps.map(([, rate]) => rate)
  return (rates.at(-1) ?? 0) >= slowest
    ? { kind: "steps", seconds, rates }
    : refuse(here, steps, "hardly a request would come after the last step", `a last rate of at least ${slowest}`)
}

/** Arrivals that follow from the scenario alone; a trace is read elsewhere. */
export const arrivalsOf = (written: Omit<Written, "trace">): Arrivals | readonly Finding[] => {
  const path = ["workload", "arrivals"]
  if (written.poisson !== undefined) {
    const rate = curveOf(written.poisson.rate, [...path, "poisson", "rate"])
    return isFindings(rate) ? rate : { kind: "poisson", rate }
  }
  if (written.gamma !== undefined) return { kind: "gamma", ...written.gamma }
  if (written.deterministic !== undefined) return { kind: "deterministic", ...written.deterministic }
  if (written.closedLoop !== undefined) {
    const { users, thinkTime: think = 0 } = written.closedLoop
    const thinkTime = distributionOf(think, [...path, "closedLoop", "thinkTime"])
    return isFindings(thinkTime) ? thinkTime : { kind: "closedLoop", users, thinkTime }
  }
  if (written.rounds !== undefined) {
    const { prompts, samples = 1, rounds = 1, refresh = 0 } = written.rounds
    return { kind: "rounds", prompts, samples, rounds, refreshSeconds: refresh }
  }
  return { kind: "batch" }
}
