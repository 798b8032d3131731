import { describe, expect, test } from "vitest"
import { chromeTraceJson } from "../../src/trace/index.ts"
import type { TrainingResult } from "../../src/training/index.ts"
import { jobOf, relative, run, slicesOf, type Written } from "./jobs.ts"
import { layouts } from "./layouts.ts"

interface ChromeEvent {
  readonly ph: string
  readonly name: string
  readonly pid: number
  readonly tid?: number
  readonly id?: number
  readonly ts: number
  readonly dur: number
  readonly args: Readonly<Record<string, unknown>>
}

const eventsOf = ({ trace }: TrainingResult): readonly ChromeEvent[] => {
  if (trace === null) throw new Error("no trace")
  const document: { readonly traceEvents: readonly ChromeEvent[] } = JSON.parse([...chromeTraceJson(trace)].join(""))
  return document.traceEvents
}

describe("recording", () => {
  test.each(Object.entries(layouts))("changes nothing but the trace: %s", (_name, layout) => {
    const job = jobOf(layout)
    const [plain, recorded] = [run(job), run({ ...job, trace: "full" })]
    expect(plain.trace).toBe(null)
    expect({ ...recorded, trace: null }).toEqual(plain)
    const events = eventsOf(recorded)
    const rows = events.filter(({ ph, name }) => ph === "M" && name === "thread_name").map(({ args }) => args["name"])
    expect(rows).toContain("compute")
    expect(rows).toContain("schedule")
    const last = events.reduce((end, { ph, ts, dur }) => (ph === "X" ? Math.max(end, ts + dur) : end), 0)
    // Under post-validation stages begin and end apart: an iteration is shorter than from first start to last end.
    if (layout.training?.["stack"] !== "zero-bubble")
      expect(relative(last / 1e6, plain.iterationSeconds)).toBeLessThan(1e-3)
  })

  test("a window keeps what happens in it", () => {
    const job = jobOf(layouts["1F1B over 4 stages of one node"])
    const whole = run({ ...job, trace: "full" })
    const half = whole.iterationSeconds / 2
    const part = run({ ...job, trace: { window: [0, half] } })
    expect(part.iterationSeconds).toBe(whole.iterationSeconds)
    const starts = slicesOf(part, "schedule").map(({ start }) => start)
    expect(Math.max(...starts)).toBeLessThanOrEqual(half)
    expect(starts.length).toBe(slicesOf(whole, "schedule").filter(({ start }) => start <= half).length)
  })
})

describe("the trace of 2 stages x 2 replicas x 2 tensor ranks, every rank of 8", () => {
  const written: Written = {
    model: "gpt3-1.3b",
    training: {
      parallelism: { tensor: 2, pipeline: 2, data: 2 },
      globalBatch: 8,
      zeroStage: 1,
      stack: "megatron-lm-2021"
    },
    symmetry: "off",
    trace: "full"
  }
  const result = run(jobOf(written))
  const events = eventsOf(result)
  const named = (kind: string) => events.filter(({ ph, name }) => ph === "M" && name === kind)
  const rowName = ({ pid, tid }: ChromeEvent): unknown =>
    named("thread_name").find((row) => row.pid === pid && row.tid === tid)?.args["name"]

  test("has a process a rank, with rows for compute, tensor, pipeline and data", () => {
    const processes = named("process_name").map(({ args }) => String(args["name"]))
    for (let rank = 0; rank < 8; rank++)
      expect(processes.filter((name) => name.includes(`rank ${rank} (stage ${rank < 4 ? 0 : 1})`)).length).toBe(1)
    for (const row of ["schedule", "compute", "tensor", "pipeline", "data"])
      expect(named("thread_name").filter(({ args }) => args["name"] === row).length).toBe(8)
  })

  test("has each micro-batch's forward and backward on every rank: 4 of each", () => {
    const operations = slicesOf(result, "schedule").map(({ name }) => name)
    for (const name of ["F 0", "F 1", "F 2", "F 3", "B 0", "B 1", "B 2", "B 3"])
      expect(operations.filter((found) => found === name).length).toBe(8)
    expect(operations.filter((name) => name === "optimizer").length).toBe(8)
  })

  test("has an arrow from each operation to its send, and on to the operation that was waiting, never back in time", () => {
    const slices = result.trace?.slices
    const flows = result.trace?.flows
    if (slices === undefined || flows === undefined) throw new Error("no trace")
    // 4 micro-batches forward from 4 ranks, and backward to them; two arrows each
    expect(flows.from.length).toBe(2 * (4 * 4 + 4 * 4))
    const end = (slice: number): number => (slices.start[slice] ?? 0) + (slices.duration[slice] ?? 0)
    flows.from.forEach((from, index) => {
      const to = flows.to[index] ?? -1
      expect(slices.start[to]).toBeGreaterThanOrEqual(end(from) - 1e-12)
      expect(slices.microBatch[to]).toBe(slices.microBatch[from])
    })
    expect(events.filter(({ ph }) => ph === "s").length).toBe(64)
    const ends = (kind: string) => new Set(events.filter(({ ph }) => ph === kind).map(({ id }) => id))
    expect(ends("f")).toEqual(ends("s"))
    expect(ends("s").size).toBe(64)
  })

  test("has the seconds, bytes, FLOPs, layer and stage of what ran", () => {
    const sends = events.filter((event) => event.ph === "X" && rowName(event) === "pipeline")
    // 2 bytes x 2048 tokens x 2048 wide, split over the two tensor ranks on its way
    expect(new Set(sends.map(({ args }) => args["bytes"]))).toEqual(new Set([4_194_304]))
    const kernels = events.filter((event) => event.ph === "X" && rowName(event) === "compute")
    expect(new Set(kernels.flatMap(({ args }) => args["layer"] ?? []))).toEqual(
      new Set(Array.from({ length: 12 }, (_, layer) => layer))
    )
    const flops = kernels.reduce((sum, { args }) => sum + Number(args["flops"] ?? 0), 0)
    expect(relative(flops, 8 * result.hardwareFlopsPerAccelerator * result.iterationSeconds)).toBeLessThan(1e-6)
  })

  test("has compute inside of its operation, and nothing on a row that overlaps half", () => {
    const rows = Map.groupBy(
      events.filter(({ ph }) => ph === "X"),
      ({ pid, tid }) => `${pid} ${tid}`
    )
    for (const row of rows.values()) {
      const open: ChromeEvent[] = []
      for (const event of row.toSorted((a, b) => a.ts - b.ts || b.dur - a.dur)) {
        const ends = ({ ts, dur }: ChromeEvent): number => ts + dur
        while (open.length > 0 && ends(open.at(-1) ?? event) <= event.ts + 1e-3) open.pop()
        const outer = open.at(-1)
        if (outer !== undefined) expect(ends(event)).toBeLessThanOrEqual(ends(outer) + 2e-3)
        open.push(event)
      }
    }
  })

  test("has the memory of each rank as a counter that ends where it began", () => {
    const counters = Map.groupBy(
      events.filter(({ ph, name }) => ph === "C" && name === "memory (bytes)"),
      ({ pid }) => pid
    )
    expect(counters.size).toBe(8)
    for (const samples of counters.values()) {
      const values = samples.map(({ args }) => Number(args["value"]))
      expect(Math.min(...values)).toBeGreaterThan(0)
      expect(Math.max(...values)).toBeGreaterThan(values.at(-1) ?? 0)
      expect(values.at(-1)).toBe(Math.min(...values))
    }
  })

  test("and each kind of it as a counter of its own, on a track of the rank: they add up to the first", () => {
    const { trace } = result
    if (trace === null) throw new Error("no trace")
    const { counters, names, samples, tracks } = trace
    const nameOf = (counter: number): string => names[counters[counter]?.name ?? -1] ?? ""
    const rankOf = (counter: number): string => (tracks[counters[counter]?.track ?? -1] ?? []).slice(0, 3).join(" ")
    const kinds = new Map<string, Map<string, number>>()
    const totals = new Map<string, number>()
    let checked = 0
    const check = (rank: string): void => {
      const total = totals.get(rank)
      if (total === undefined) return
      const parts = [...(kinds.get(rank)?.values() ?? [])].reduce((sum, bytes) => sum + bytes, 0)
      expect(relative(parts, total)).toBeLessThan(1e-9)
      checked++
    }
    // What an event changes of the kinds is told after the sum: the sum of an event is checked before the next.
    samples.counter.forEach((counter, index) => {
      const rank = rankOf(counter)
      const value = samples.value[index] ?? 0
      if (nameOf(counter) === "memory (bytes)") {
        check(rank)
        totals.set(rank, value)
      } else kinds.set(rank, (kinds.get(rank) ?? new Map<string, number>()).set(nameOf(counter), value))
    })
    expect(checked).toBeGreaterThan(100)
    expect([...(kinds.values().next().value ?? new Map<string, number>()).keys()]).toEqual([
      "weights (bytes)",
      "gradients (bytes)",
      "optimizer (bytes)",
      "context (bytes)",
      "activations (bytes)"
    ])
  })
})

describe("the trace of DualPipe, 4 stages x 2 tensor ranks, in which forwards and backwards run as pairs", () => {
  const result = run(
    jobOf({
      model: "gpt3-1.3b",
      cluster: { system: "dgx-a100", nodes: 1 },
      training: {
        parallelism: { tensor: 2, pipeline: 4 },
        schedule: "dualpipe",
        globalBatch: 16,
        stack: "megatron-lm-2021"
      },
      trace: "full"
    })
  )
  const events = eventsOf(result).filter(({ ph }) => ph === "X" || ph === "M")
  const rows = new Map(
    events
      .filter(({ name }) => name === "thread_name")
      .map(({ pid, tid, args }) => [`${pid} ${tid}`, String(args["name"])] as const)
  )
  const slices = events.filter(({ ph }) => ph === "X")
  const on = (row: string) => slices.filter(({ pid, tid }) => rows.get(`${pid} ${tid}`) === row)

  test("draws every kernel, those of pairs too: their FLOPs are the hardware's", () => {
    const flops = on("compute").reduce((sum, { args }) => sum + Number(args["flops"] ?? 0), 0)
    // One actor stands for the two tensor ranks of a stage.
    const executed = 8 * result.hardwareFlopsPerAccelerator * result.iterationSeconds
    expect(relative(2 * flops, executed)).toBeLessThan(1e-6)
  })

  test("has no two kernels of a rank at once, and no two of its tensor collectives", () => {
    for (const row of ["compute", "tensor"]) {
      const byRank = Map.groupBy(on(row), ({ pid }) => pid)
      expect(byRank.size).toBe(4)
      for (const own of byRank.values()) {
        const sorted = own.toSorted((a, b) => a.ts - b.ts)
        sorted.forEach(({ ts }, index) => {
          const before = sorted[index - 1]
          if (before !== undefined) expect(ts).toBeGreaterThanOrEqual(before.ts + before.dur - 2e-3)
        })
      }
    }
  })

  test("hides collectives of the one behind kernels of the other: some run while a kernel does", () => {
    const kernels = on("compute").toSorted((a, b) => a.ts - b.ts)
    const collective = on("tensor").filter(({ pid, ts, dur }) =>
      kernels.some((kernel) => kernel.pid === pid && kernel.ts < ts + dur / 2 && kernel.ts + kernel.dur > ts + dur / 2)
    )
    expect(collective.length).toBeGreaterThan(on("tensor").length / 4)
  })
})
