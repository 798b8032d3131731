import { describe, expect, test } from "vitest"
import { highestTimes, levelsUpTo } from "../../src/report/load-levels.ts"
import {
  loadKnob,
  loadLevels,
  simulatePoint,
  studyServing,
  studyTraining,
  type Point,
  type PointRequest,
  type Study
} from "../../src/report/index.ts"
import { capacityOf } from "../../src/report/serving-findings.ts"
import { simulateServing, summariseServing } from "../../src/serving/index.ts"
import { isImpossible, simulateTraining } from "../../src/training/index.ts"
import { serving, smallServer, smallTraining, training } from "./resolved.ts"

/** Runs a study on this thread; `asked` collects the sizes of its rounds. */
const run = <S>(study: Study<S>, asked: number[] = []): S => {
  let step = study.next()
  while (step.done !== true) {
    asked.push(step.value.length)
    step = study.next(step.value.map((request: PointRequest): Point => simulatePoint(request, {})))
  }
  return step.value
}

const served = (data: unknown) => {
  const resolved = serving(data)
  return { resolved, result: summariseServing(resolved.job, simulateServing(resolved.job)) }
}

const trained = (data: unknown) => {
  const resolved = training(data)
  const result = simulateTraining(resolved.job)
  if (isImpossible(result)) throw new Error(result.path)
  return { resolved, result }
}

const withArrivals = (arrivals: object) =>
  serving({ ...smallServer, workload: { ...smallServer.workload, arrivals } }).scenario

describe("the load of a scenario", () => {
  test.each([
    [{ poisson: { rate: 4 } }, { "workload.arrivals.poisson.rate": 10 }],
    [{ gamma: { rate: 4, variation: 2 } }, { "workload.arrivals.gamma.rate": 10 }],
    [{ deterministic: { rate: 4 } }, { "workload.arrivals.deterministic.rate": 10 }],
    [{ closedLoop: { users: 10, thinkTime: "1 s" } }, { "workload.arrivals.closedLoop.users": 25 }],
    [
      { poisson: { rate: { ramp: { from: 1, to: 4, over: "60 s" } } } },
      { "workload.arrivals.poisson.rate": { ramp: { from: 2.5, to: 10, over: 60 } } }
    ],
    [
      {
        poisson: {
          rate: {
            steps: [
              [0, 2],
              [60, 4]
            ]
          }
        }
      },
      {
        "workload.arrivals.poisson.rate": {
          steps: [
            [0, 5],
            [60, 10]
          ]
        }
      }
    ]
  ])("%j at two and a half times the load", (arrivals, changes) => {
    expect(loadKnob(withArrivals(arrivals))?.at(2.5)).toEqual(changes)
  })

  test("of a batch cannot be turned up", () => {
    expect(loadKnob(withArrivals({ batch: {} }))).toBeUndefined()
  })

  test("is tried from a tenth of the capacity to a quarter beyond it", () => {
    const knob = loadKnob(withArrivals({ poisson: { rate: 4 } }))
    if (knob === undefined) throw new Error("no knob")
    const levels = loadLevels(knob, 4, 8)
    expect([levels[0], levels.at(-1)]).toEqual([0.2, 2.5])
    expect([...levels].sort((one, other) => one - other)).toEqual(levels)
  })
})

describe("a workload that ends after a time", () => {
  test("is not studied at loads of millions of requests", () => {
    expect(highestTimes(0)).toBe(Infinity)
    expect([highestTimes(1000), highestTimes(172_800)]).toEqual([500, 3])
    const levels = [0.5, 1, 2, 3, 4, 5]
    expect(levelsUpTo(levels, Infinity)).toEqual(levels)
    expect(levelsUpTo(levels, 4)).toEqual([0.5, 1, 2, 3, 4])
    expect(levelsUpTo([2, 5, 10, 20], 3)).toEqual([0.25, 0.5, 0.75, 1.5, 2, 3])
    expect(levelsUpTo([], 3)).toEqual([])
  })

  test("keeps its report to loads of up to three times its own, and says so", () => {
    const { resolved, result } = served({
      ...smallServer,
      workload: { ...smallServer.workload, requests: undefined, duration: "60 s" }
    })
    const many = { ...result, requests: { ...result.requests, arrived: 400_000 } }
    const study = studyServing(resolved, many)
    const first = study.next()
    if (first.done === true) throw new Error("nothing is asked")
    const rates = first.value.map(({ changes }) => Number(changes["workload.arrivals.poisson.rate"] ?? 20))
    expect(rates.slice(0, 6)).toEqual([5, 10, 15, 30, 40, 60])
    expect(Math.max(...rates)).toBe(60)
    const none = (requests: readonly PointRequest[]): readonly Point[] =>
      requests.map(() => ({ kind: "none", reason: "not simulated here" }))
    let step = study.next(none(first.value))
    while (step.done !== true) step = study.next(none(step.value))
    expect([step.value.isCut, step.value.sizes]).toEqual([true, []])
  })
})

describe("the study of a server", () => {
  const { resolved, result } = served(smallServer)
  const rounds: number[] = []
  const study = run(studyServing(resolved, result), rounds)

  test("has loads in ascending order, the scenario's own among them, overloaded at the end", () => {
    const loads = study.loads.map(({ load }) => load)
    expect([...loads].sort((one, other) => one - other)).toEqual(loads)
    expect(study.loads.filter(({ times }) => times === 1)).toHaveLength(1)
    expect(study.loads.length).toBeGreaterThanOrEqual(12)
  })

  test("finds the greatest load at which 99 of 100 requests meet every goal, more finely in two more rounds", () => {
    expect(rounds.slice(1)).toEqual([3, 3])
    const { best } = study
    expect(best?.point.attained).toBeGreaterThanOrEqual(0.99)
    const next = study.loads[study.loads.findIndex((one) => one === best) + 1]
    expect(next?.point.attained).toBeLessThan(0.99)
    expect((next?.load ?? 0) / (best?.load ?? 1)).toBeLessThan(1.2)
  })

  test("latency never falls much as the load rises", () => {
    const p99 = study.loads.map(({ point }) => point.ttft.p99)
    expect(p99.at(-1)).toBeGreaterThan((p99[0] ?? 0) * 2)
  })

  test("more replicas do more, in proportion", () => {
    expect(study.sizes.map(({ accelerators }) => accelerators)).toEqual([1, 2, 4, 8])
    const [one, , , eight] = study.sizes.map(({ requestsPerSecond }) => requestsPerSecond)
    expect((eight ?? 0) / (one ?? 1)).toBeGreaterThan(6)
  })

  test("every change that was tried differs from the scenario, and fp8 serves more", () => {
    const names = study.tried.map(({ candidate }) => candidate.name)
    expect(new Set(names).size).toBe(names.length)
    const narrow = study.tried.find(({ candidate }) => candidate.name === "weights in fp8")
    expect(narrow?.point.capacityPerSecond).toBeGreaterThan(result.verdict.estimatedCapacityRequestsPerSecond)
  })
})

describe("the study of one of several servers", () => {
  const { resolved, result } = served(smallServer)
  const rounds: number[] = []
  const study = run(studyServing(resolved, result, true), rounds)

  test("turns the load alone, at eight loads and then at three more, twice", () => {
    expect(rounds).toEqual([8, 3, 3])
    expect([study.sizes, study.tried, study.impossible]).toEqual([[], [], []])
    expect(study.loads.at(-1)?.point.verdict).toBe("overloaded")
  })

  test("finds as narrow an end of its goals as the study of one alone: a sixteenth of the step between two loads", () => {
    const { best, loads } = study
    const next = loads[loads.findIndex((one) => one === best) + 1]
    expect(best?.point.attained).toBeGreaterThanOrEqual(0.99)
    expect(next?.point.attained).toBeLessThan(0.99)
    const full = result.verdict.estimatedCapacityRequestsPerSecond / result.verdict.offeredRequestsPerSecond
    expect((next?.times ?? 0) - (best?.times ?? 0)).toBeLessThan((0.25 * full) / 16 + 1e-9)
  })

  test("can be served what it finished at the load that it could not keep up with", () => {
    const most = Math.max(...study.loads.map(({ point }) => point.requestsPerSecond), study.best?.load ?? 0)
    expect(capacityOf({ resolved, result, study })).toEqual({
      requestsPerSecond: most,
      basis: "the most it did at any simulated load"
    })
    const calm = study.loads.filter(({ point }) => point.verdict !== "overloaded")
    expect(capacityOf({ resolved, result, study: { ...study, loads: calm } }).requestsPerSecond).toBe(
      result.verdict.estimatedCapacityRequestsPerSecond
    )
  })
})

describe("the study of a server that waits for its users", () => {
  test("turns up the users, and asks for no finer loads where there is no goal", () => {
    const { slo: _none, ...workload } = smallServer.workload
    const { resolved, result } = served({
      ...smallServer,
      workload: { ...workload, arrivals: { closedLoop: { users: 8, thinkTime: "1 s" } } }
    })
    const rounds: number[] = []
    const study = run(studyServing(resolved, result), rounds)
    expect(rounds).toHaveLength(1)
    expect(study.best).toBeNull()
    expect(study.loads.map(({ load }) => load)).toEqual([1, 2, 4, 6, 8, 12, 16, 24, 32])
  })
})

describe("the study of a training", () => {
  const { resolved, result } = trained(smallTraining)
  const study = run(studyTraining(resolved, result))

  test("has sizes at the same global batch, each as its own scenario would come out", () => {
    expect(study.sizes.map(({ accelerators }) => accelerators)).toEqual([4, 8, 16, 32])
    const half = trained({
      ...smallTraining,
      cluster: { system: "dgx-a100", accelerators: 4 },
      training: { ...smallTraining.training, parallelism: { tensor: 2, pipeline: 2, data: 1 } }
    })
    expect(study.sizes[0]?.iterationSeconds).toBe(half.result.iterationSeconds)
    expect(study.sizes[1]?.iterationSeconds).toBe(result.iterationSeconds)
  })

  test("a change comes out as the scenario with it would", () => {
    const without = study.tried.find(({ candidate }) => candidate.name === "no recomputation of activations")
    const own = trained({ ...smallTraining, training: { ...smallTraining.training, recompute: "none" } })
    expect(without?.point.iterationSeconds).toBe(own.result.iterationSeconds)
    expect(without?.point.iterationSeconds).toBeLessThan(result.iterationSeconds)
  })

  test("changes that cannot run are kept apart", () => {
    // A global batch of 8 is 4 micro-batches of 1 for each replica: interleaving in 4 chunks needs no more, but 24 layers do divide.
    const names = [...study.tried.map(({ candidate }) => candidate.name), ...study.impossible.map(({ name }) => name)]
    expect(new Set(names).size).toBe(names.length)
    expect(names).toContain("TP 4 x PP 1 x DP 2")
  })
})

describe("a point", () => {
  const request = (changes: PointRequest["changes"]): PointRequest => ({
    scenario: serving(smallServer).scenario,
    changes,
    seed: 1
  })

  test("that does not fit says so", () => {
    expect(simulatePoint(request({ model: "llama-3.1-405b" }), {})).toEqual({
      kind: "none",
      reason: "the model does not fit"
    })
  })

  test("that is no scenario says why", () => {
    expect(simulatePoint(request({ "serving.stack": "nonesuch" }), {})).toEqual({
      kind: "none",
      reason: 'serving.stack: there is no serving stack "nonesuch"'
    })
  })
})
