/** Factors on what a scenario's machines, software and requests are. */
import { describe, expect, test } from "vitest"
import {
  resolveServing,
  resolveTraining,
  scenarioFromData,
  servingLikeness,
  trainingLikeness
} from "../../src/scenario/index.ts"
import { serving, smallServer, smallTraining, training } from "../report/resolved.ts"

const issuesOf = (data: unknown) => {
  const loaded = scenarioFromData({ name: "test", data })
  return loaded._tag === "Refused" ? loaded.issues.map(({ path, problem }) => `${path}: ${problem}`) : []
}

describe("resources", () => {
  test("scale the machines and the software of a training", () => {
    const own = training(smallTraining).job
    const changed = training({
      ...smallTraining,
      resources: { flops: 1.1, memoryRate: 2, memoryBytes: 0.5, scaleUpRate: 3, launch: 2, host: 4 }
    }).job
    expect(changed.accelerator.peakFlops.bf16! / own.accelerator.peakFlops.bf16!).toBeCloseTo(1.1, 12)
    expect(changed.accelerator.memory.bytesPerSecond).toBe(2 * own.accelerator.memory.bytesPerSecond)
    expect(changed.accelerator.memory.bytes).toBe(own.accelerator.memory.bytes / 2)
    expect(changed.accelerator.attained?.launch).toBe(2)
    expect(changed.fabric.scaleUp.bytesPerSecond).toBe(3 * own.fabric.scaleUp.bytesPerSecond)
    expect(changed.stack.constants.hostSecondsPerLayer.value).toBe(4 * own.stack.constants.hostSecondsPerLayer.value)
    expect(changed.accelerator.name).toBe(own.accelerator.name)
  })

  test("scale the machines and the requests of a server", () => {
    const own = serving(smallServer).job
    const changed = serving({ ...smallServer, resources: { memoryBytes: 2, load: 3, prompt: 0.5, host: 2 } }).job
    expect(changed.target.accelerator.memory.bytes).toBe(2 * own.target.accelerator.memory.bytes)
    expect(changed.workload.arrivals).toMatchObject({ kind: "poisson", rate: { kind: "constant", rate: 60 } })
    expect(changed.workload.classes[0]?.prompt).toMatchObject({ kind: "constant", value: 256 })
    expect(changed.target.stack.constants.hostSecondsPerStep.value).toBe(
      2 * own.target.stack.constants.hostSecondsPerStep.value
    )
  })

  test("of rates make a machine that nobody measured: doublings either way add up, memory and requests count for nothing", () => {
    const of = (resources: object) => trainingLikeness(training({ ...smallTraining, resources })).doublings
    expect(of({})).toBeUndefined()
    expect(of({ memoryBytes: 2 })).toBeUndefined()
    expect(of({ flops: 4, networkRate: 0.5 })).toBeCloseTo(3, 12)
    const served = (resources: object) => servingLikeness(serving({ ...smallServer, resources }), "token").doublings
    expect(served({ load: 2, prompt: 4 })).toBeUndefined()
    expect(served({ host: 0.25 })).toBeCloseTo(2, 12)
  })

  test("are what a study's factors multiply, and the same as these alone", () => {
    const data = { ...smallTraining, resources: { flops: 1.1 } }
    const twice = resolveTraining(loadedOf(data), { factors: { flops: 2, networkRate: 1.5 } })
    const once = resolveTraining(loadedOf({ ...smallTraining, resources: { flops: 2.2, networkRate: 1.5 } }))
    expect("job" in twice && twice.job.accelerator.peakFlops).toEqual("job" in once && once.job.accelerator.peakFlops)
    const study = resolveServing(loadedOf(smallServer), { factors: { load: 2 } })
    const own = resolveServing(loadedOf({ ...smallServer, resources: { load: 2 } }))
    expect("job" in study && study.job.workload).toEqual("job" in own && own.job.workload)
  })

  test("count among the constants that nobody measured, and in the fingerprint", () => {
    const own = training(smallTraining)
    const changed = training({ ...smallTraining, resources: { networkRate: 1.1 } })
    expect(changed.job.evidence.at(-1)).toEqual({
      name: "network x1.10",
      constant: { value: 1.1, origin: "assumed", source: "resources of the scenario" }
    })
    expect(changed.hash).not.toBe(own.hash)
    expect(changed.scenario.resources).toEqual({ networkRate: 1.1 })
    // One that says nothing changes nothing but the fingerprint.
    const { evidence: _none, ...job } = own.job
    expect(training({ ...smallTraining, resources: {} }).job).toEqual({ ...job, evidence: own.job.evidence })
  })

  test("that cannot be are refused", () => {
    expect(issuesOf({ ...smallTraining, resources: { load: 2 } })).toEqual(["resources.load: only serving has it"])
    expect(issuesOf({ ...smallTraining, resources: { flops: 0 } })[0]).toMatch(/^resources\.flops: /)
    expect(issuesOf({ ...smallServer, resources: { flops: "1000" } })[0]).toMatch(/^resources\.flops: /)
    expect(issuesOf({ ...smallServer, resources: { speed: 2 } })[0]).toMatch(/^resources\.speed: there is no field/)
    expect(issuesOf({ ...smallServer, resources: 2 })[0]).toMatch(/^resources: /)
  })
})

const loadedOf = (data: unknown) => {
  const loaded = scenarioFromData({ name: "test", data })
  if (loaded._tag === "Refused") throw new Error(JSON.stringify(loaded.issues))
  return loaded
}
