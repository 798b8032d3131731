import { describe, expect, test } from "vitest"
import { randomStream } from "../../src/random/index.ts"
import { aliveAfter, memorySnapshot, type MemorySnapshot, type TrainingJob } from "../../src/training/index.ts"
import { jobOf, relative, run } from "./jobs.ts"
import { layouts } from "./layouts.ts"

const snapshotOf = (job: TrainingJob, stage: number): MemorySnapshot => {
  const snapshot = memorySnapshot(job, stage)
  if ("_tag" in snapshot) throw new Error(JSON.stringify(snapshot))
  return snapshot
}

const sum = (values: readonly { readonly bytes: number }[]): number =>
  values.reduce((total, { bytes }) => total + bytes, 0)

const draw = randomStream(24, "memory snapshots")
const pick = <T>(values: readonly T[]): T => values[Math.floor(draw() * values.length)]!

/** The layouts of the other tests with settings by lot that change what is held. */
const cases = Object.entries(layouts).map(([name, layout]) => {
  const training = {
    ...layout.training,
    recompute: pick(["none", "selective", "full", { blocks: 1 }]),
    zeroStage: pick([0, 1, 2, 3])
  }
  return [name, { ...layout, training }] as const
})

describe.each(cases)("the memory of a rank: %s", (_name, layout) => {
  const job = jobOf(layout)
  const { memory } = run(job)
  const stage = Math.floor(draw() * job.layout.pipeline)
  const snapshot = snapshotOf(job, stage)

  test("what is alive adds up to the tracker's counter at every event", () => {
    const { bytes } = snapshot.events
    expect(bytes.length).toBeGreaterThan(0)
    for (const [event, counted] of bytes.entries())
      expect(relative(sum(aliveAfter(snapshot, event)), counted)).toBeLessThan(1e-9)
  })

  test("the peak is that of the result, at the same time, in the same operation, kind by kind", () => {
    const ofResult = memory.stages[stage]!
    expect(relative(snapshot.peak.bytes, ofResult.peakBytes)).toBeLessThan(1e-9)
    expect(snapshot.peak.seconds).toBe(ofResult.atSeconds)
    expect(snapshot.peak.during).toBe(ofResult.during)
    const of = (...kinds: readonly string[]) => sum(snapshot.peak.alive.filter(({ kind }) => kinds.includes(kind)))
    for (const kind of ["weights", "gradients", "optimizer", "buffers", "context", "logits", "fragmentation"] as const)
      expect(of(kind)).toBeCloseTo(ofResult.kinds[kind], -1)
    expect(of("activations", "working")).toBeCloseTo(ofResult.kinds.activations, -1)
  })

  test("whatever comes goes: after the last operation only what stays is alive", () => {
    const last = snapshot.events.bytes.length - 1
    for (const { from } of aliveAfter(snapshot, last)) expect(from).toBe(-1)
    for (const { from, until } of snapshot.allocations) if (from >= 0) expect(until).toBeGreaterThan(from)
  })
})

describe("four stages under 1F1B", () => {
  const pipeline = (stage: number, training: Readonly<Record<string, unknown>> = {}) =>
    snapshotOf(
      jobOf({ cluster: { accelerators: 4 }, training: { parallelism: { pipeline: 4 }, globalBatch: 8, ...training } }),
      stage
    )

  test.each([
    [0, [0, 1, 2, 3]],
    [1, [0, 1, 2]],
    [2, [0, 1]],
    [3, [0]]
  ])("stage %d holds the activations of micro-batches %j at its peak", (stage, microBatches) => {
    const { alive } = pipeline(stage).peak
    const held = alive.filter(({ kind }) => kind === "activations").map(({ microBatch }) => microBatch ?? -1)
    expect(held.toSorted((one, other) => one - other)).toEqual(microBatches)
  })

  test("the embedding is on the first stage, the head with its logits on the last", () => {
    const names = (stage: number) => pipeline(stage).peak.alive.map(({ name }) => name)
    expect(names(0)).toContain("weights of embedding")
    expect(names(0)).toContain("weights of layers 0 to 3")
    expect(names(1)).toContain("gradients of layers 4 to 7")
    expect(names(3)).toContain("weights of LM head")
    expect(names(3)).toContain("logits and their gradient")
    expect(names(1)).not.toContain("logits and their gradient")
  })

  test("4 layers of 12 h^2 + 2 h = 50,339,840 parameters have weights of 2 bytes each", () => {
    const weights = pipeline(1).allocations.find(({ name }) => name === "weights of layers 4 to 7")
    expect(weights?.bytes).toBe(2 * 4 * (12 * 2048 ** 2 + 2 * 2048))
  })

  test("a backward pass in two gives activations back in two", () => {
    const { allocations, events } = pipeline(0, { schedule: "zb-h1" })
    const first = allocations.find(({ name }) => name === "activations of micro-batch 0")
    const second = allocations.find(({ name }) => name === "kept for W of micro-batch 0")
    expect(events.name[first?.until ?? -1]).toBe("input gradient of micro-batch 0 ends")
    expect(events.name[second?.until ?? -1]).toBe("weight gradient of micro-batch 0 ends")
    expect(first?.from).toBe(second?.from)
  })
})
