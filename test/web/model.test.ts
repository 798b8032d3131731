import { describe, expect, test } from "vitest"
import { readLink, writeLink } from "../../web/base/link-state.ts"
import { areaTable, groupName } from "../../web/model/area.ts"
import { busyShares, intervals } from "../../web/model/busy.ts"
import { counterBand, counterSeries, seriesFrom, valueAt } from "../../web/model/counters.ts"
import { criticalPath } from "../../web/model/critical-path.ts"
import { deltasOf } from "../../web/model/deltas.ts"
import { flowIndex } from "../../web/model/flows.ts"
import { mergeTraces } from "../../web/model/merge.ts"
import { trainingParts } from "../../src/report/breakdown.ts"
import { readResult } from "../../web/model/run-result.ts"
import { searchSlices } from "../../web/model/search.ts"
import { stageRows } from "../../web/model/stages.ts"
import { streamsOf } from "../../web/model/streams.ts"
import { timelineOf } from "../../web/model/timeline.ts"
import { foldedAtFirst, headlinesOf, nodesOf, rowsOf, treeOf } from "../../web/model/tree.ts"
import { scheduleBoxes } from "../../web/start/schedule-picture.ts"
import { commandOf as keyCommand, findCommands, isPressed, keyName, type Command } from "../../web/view/commands.ts"
import { changes, commandOf, formGroups, typed, valueAt as fieldAt } from "../../web/what-if/fields.ts"
import { scenarioJsonSchema } from "../../src/scenario/index.ts"
import { twoStages } from "./recordings.ts"

const trace = twoStages()
const timeline = timelineOf(trace)
const streams = streamsOf(trace)
const tree = treeOf(timeline, streams)
const nothing = { folded: new Set<string>(), pinned: new Set<string>(), filter: "", streams }
const labels = (options: Partial<typeof nothing>) =>
  rowsOf(tree, timeline, { ...nothing, ...options }).rows.map(
    ({ node, kind }) => `${node.level} ${node.label}: ${kind}`
  )
const idOf = (label: string): string => [...nodesOf(tree)].find((node) => node.label === label)?.id ?? ""

describe("the tree of tracks", () => {
  test("a node with one rank is one row, streams in the reader's order, counters last", () => {
    expect(labels({})).toEqual([
      "1 run: group",
      "2 node 0 · rank 0 (stage 0): group",
      "3 schedule: slices",
      "3 compute: slices",
      "3 tensor: slices",
      "3 pipeline: slices",
      "3 memory (bytes): counter",
      "2 node 1 · rank 1 (stage 1): group",
      "3 schedule: slices",
      "3 compute: slices",
      "3 tensor: slices"
    ])
  })

  test("a folded rank shows its schedule, a folded cluster how busy it is", () => {
    const rank = idOf("node 0 · rank 0 (stage 0)")
    expect(labels({ folded: new Set([rank]) })[1]).toBe("2 node 0 · rank 0 (stage 0): headline")
    expect(labels({ folded: new Set([idOf("run")]) })).toEqual(["1 run: busy"])
    expect(headlinesOf(tree[0]!)).toHaveLength(2)
  })

  test("a filter keeps what contains the text, with the groups around it open", () => {
    const folded = new Set([idOf("node 0 · rank 0 (stage 0)")])
    expect(labels({ filter: "PIPE", folded })).toEqual([
      "1 run: group",
      "2 node 0 · rank 0 (stage 0): group",
      "3 pipeline: slices"
    ])
    expect(labels({ filter: "rank 1" })).toHaveLength(5)
    expect(labels({ filter: "nowhere" })).toEqual([])
  })

  test("a pinned row is at the top as well", () => {
    const found = rowsOf(tree, timeline, { ...nothing, pinned: new Set([idOf("pipeline")]) })
    expect(found.rows[0]).toMatchObject({ isPinned: true, top: 0, kind: "slices" })
    expect(found.pinnedHeight).toBe(22)
    expect(found.rows[1]).toMatchObject({ isPinned: false, top: 0 })
  })

  test("rows follow each other without gaps", () => {
    const { rows, height } = rowsOf(tree, timeline, nothing)
    rows.forEach((row, index) => expect(row.top).toBe(index === 0 ? 0 : rows[index - 1]!.top + rows[index - 1]!.height))
    expect(height).toBe(rows.at(-1)!.top + rows.at(-1)!.height)
  })

  test("few ranks start open, many folded", () => {
    expect(foldedAtFirst(tree).size).toBe(0)
  })
})

describe("busy", () => {
  test("is the share of each interval in which something runs", () => {
    const schedule = trace.tracks.findIndex((path) => path.at(-1) === "schedule" && path[1] === "node 0")
    const shares = busyShares(timeline, [schedule])
    // 0-2 s and 5-7 s of 7 s.
    expect(shares[0]).toBeCloseTo(1)
    expect(shares[Math.floor((3.5 / 7) * intervals)]).toBe(0)
    expect(shares.reduce((a, b) => a + b, 0) / intervals).toBeCloseTo(4 / 7, 3)
  })
})

describe("counters", () => {
  const [memory] = counterSeries(trace)
  test("a value holds until the next", () => {
    expect([0, 0.5, 1, 4, 5, 9].map((time) => valueAt(memory!, time))).toEqual([10, 10, 30, 30, 20, 20])
    expect(valueAt(memory!, -1)).toBeUndefined()
  })

  test("a pixel has the least and the greatest value of its stretch", () => {
    const band = counterBand(memory!, { start: 0, end: 8 }, 4)
    expect([...band.least]).toEqual([10, 30, 20, 20])
    expect([...band.greatest]).toEqual([30, 30, 30, 20])
    expect([...band.last]).toEqual([30, 30, 20, 20])
  })

  test("before the first sample there is nothing", () => {
    const band = counterBand(memory!, { start: -2, end: 2 }, 4)
    expect([...band.least]).toEqual([Number.NaN, Number.NaN, 10, 30])
  })

  test("the band of thousands of samples is that of a plain search", () => {
    const time = Float64Array.from({ length: 5000 }, (_, index) => index)
    const value = time.map((one) => Math.sin(one * one))
    const band = counterBand(seriesFrom(time, value), { start: 0, end: 5000 }, 7)
    for (let pixel = 0; pixel < 7; pixel++) {
      // The value held at the pixel's start counts too.
      const from = Math.max(0, Math.ceil((pixel * 5000) / 7) - 1)
      const inside = value.subarray(from, Math.ceil(((pixel + 1) * 5000) / 7))
      expect(band.least[pixel]).toBe(Math.min(...inside))
      expect(band.greatest[pixel]).toBe(Math.max(...inside))
    }
  })
})

describe("an area", () => {
  const tracks = trace.tracks.flatMap((path, track) => (path.at(-1) === "schedule" ? [track] : []))
  test("counts operations by name, whatever their micro-batch", () => {
    const table = areaTable(timeline, streams, tracks, { start: 0, end: 7 })
    expect(table.rows.map(({ name, count, total, mean, p99 }) => [name, count, total, mean, p99])).toEqual([
      ["B", 2, 4, 2, 2],
      ["F", 3, 3, 1, 1]
    ])
    expect(table.rows[0]!.share).toBeCloseTo(4 / 14)
    expect(table.idle).toBeCloseTo(7)
  })

  test("takes the part of a slice that is inside", () => {
    const table = areaTable(timeline, streams, tracks, { start: 0.5, end: 1.25 })
    expect(table.rows.map(({ name, count, total }) => [name, count, total])).toEqual([["F", 2, 0.75]])
  })

  test("of a stream counts kernels", () => {
    const compute = trace.tracks.findIndex((path) => path.at(-1) === "compute" && path[1] === "node 0")
    const table = areaTable(timeline, streams, [compute], { start: 0, end: 2 })
    expect(table.rows).toHaveLength(1)
    expect(table.rows[0]).toMatchObject({ name: "product", count: 4 })
    expect(table.rows[0]!.total).toBeCloseTo(1.6)
  })

  test("names are grouped by what they say", () => {
    expect(
      ["F 0", "B 1,234", "send F 12", "Bi 3", "layer 17", "product", "F 3 (chunk 1)", "42"].map(groupName)
    ).toEqual(["F", "B", "send F", "Bi", "layer", "product", "F (chunk 1)", "42"])
  })
})

describe("the critical path", () => {
  test("leads back from the last end through what each slice waited for", () => {
    const path = criticalPath(timeline, streams, flowIndex(trace))
    const names = path.slices.map((slice) => trace.names[trace.slices.name[slice]!])
    expect(names).toEqual(["F 0", "send F 0", "F 0", "B 0", "B 0"])
    // 1 + 0.5 + 1 + 2 + 2 s of work, and 0.5 s between 4.5 and 5 s.
    expect(path.waiting).toBeCloseTo(0.5)
    expect(path.seconds).toBeCloseTo(7)
    const { compute = 0, tensor = 0, pipeline = 0 } = path.composition
    expect([compute, tensor, pipeline]).toEqual([expect.closeTo(5.6), expect.closeTo(0.4), expect.closeTo(0.5)])
  })
})

describe("search", () => {
  test("finds slices by name, and operations by their kernels, in order of time", () => {
    expect([...searchSlices(timeline, "send")]).toEqual([2])
    expect([...searchSlices(timeline, "b 0")]).toEqual([4, 5])
    expect([...searchSlices(timeline, "ALL-REDUCE")]).toEqual([0, 1, 3])
    expect([...searchSlices(timeline, " ")]).toEqual([])
    expect([...searchSlices(timeline, "nothing like it")]).toEqual([])
  })
})

describe("comparing", () => {
  test("two traces share an axis, each under its own root", () => {
    const both = mergeTraces(trace, trace, "A", "B")
    expect(both.slices.track).toHaveLength(12)
    expect(both.tracks[both.slices.track[6]!]![0]).toBe("B")
    expect(both.names[both.slices.name[6]!]).toBe("F 0")
    expect([...both.flows.from]).toEqual([...trace.flows.from, ...trace.flows.from.map((slice) => slice + 6)])
    expect(both.slices.template[2]).toBe(-1)
    expect(both.slices.template[6]).toBe(1)
    expect(streamsOf(both).byTrack.size).toBe(2 * streams.byTrack.size)
  })

  test("differences are sorted by size, and their shares add up to one", () => {
    const part = (name: string, seconds: number) => ({ name, kind: "compute", seconds }) as const
    const deltas = deltasOf(
      [part("a", 10), part("b", 5), part("gone", 1)],
      [part("a", 12), part("b", 1), part("new", 6)]
    )
    expect(deltas.map(({ name, difference }) => [name, difference])).toEqual([
      ["new", 6],
      ["b", -4],
      ["a", 2],
      ["gone", -1]
    ])
    expect(deltas.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1)
  })
})

describe("the pipeline picture", () => {
  test("has one row a stage", () => {
    expect(stageRows(timeline).map(({ stage }) => stage)).toEqual([0, 1])
  })

  test("1F1B of 4 stages and 8 micro-batches takes 3 x (8 + 3) units", () => {
    const boxes = scheduleBoxes(4, 8)
    expect(boxes).toHaveLength(64)
    expect(Math.max(...boxes.map(({ start, duration }) => start + duration))).toBe(33)
  })
})

describe("the address", () => {
  test("comes back as it was written", () => {
    const state = {
      window: { start: 0.1, end: 2.000_000_1 },
      selection: { slice: 12, entry: -1 },
      pinned: ['["run","node 0"]'],
      hidden: ["host"],
      filter: "rank & co",
      search: "F #1",
      tab: "memory"
    }
    expect(readLink(writeLink(state))).toEqual(state)
    expect(writeLink({})).toBe("#v=1")
  })

  test("of anyone's making does no harm", () => {
    for (const hash of [
      "",
      "#",
      "#v=2&t=0~1",
      "#v=1&t=NaN~1",
      "#v=1&t=5~1",
      "#v=1&sel=a_b",
      "#v=1&sel=1.5_0",
      "#v=1&pin={}",
      "#v=1&pin=[1]"
    ])
      expect(readLink(hash)).toEqual({})
    expect(readLink(`#v=1&q=${"x".repeat(30_000)}`)).toEqual({})
  })
})

describe("commands", () => {
  const ran: string[] = []
  const command = (id: string, name: string, keys: Command["keys"]): Command => ({
    id,
    name,
    group: "Move",
    keys,
    run: () => ran.push(id)
  })
  const list = [
    command("in", "Zoom in", [{ code: "KeyW" }, { key: "+" }]),
    command("all", "Select all", [{ code: "KeyA", ctrl: true }]),
    command("help", "Keys", [{ key: "?" }])
  ]
  const press = (code: string, key: string, more: object = {}) =>
    keyCommand(list, { code, key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more })?.id

  test("letters go by the physical key, punctuation by the character", () => {
    // W's place on a French keyboard says z.
    expect(press("KeyW", "z")).toBe("in")
    expect(press("KeyM", "?", { shiftKey: true })).toBe("help")
    expect(press("KeyW", "W", { shiftKey: true })).toBeUndefined()
    expect(press("KeyA", "a")).toBeUndefined()
    expect(press("KeyA", "a", { ctrlKey: true })).toBe("all")
    expect(press("KeyA", "a", { metaKey: true })).toBe("all")
    expect(
      isPressed(
        { code: "KeyW" },
        { code: "KeyW", key: "w", ctrlKey: false, metaKey: false, altKey: true, shiftKey: false }
      )
    ).toBe(false)
  })

  test("keys have names", () => {
    expect(
      [{ code: "KeyW" }, { code: "KeyA", ctrl: true, shift: true }, { key: "?" }, { code: "BracketLeft" }].map(keyName)
    ).toEqual(["W", "Ctrl+Shift+A", "?", "["])
  })

  test("the palette finds all words, in any order", () => {
    expect(findCommands(list, "in zoom").map(({ id }) => id)).toEqual(["in"])
    expect(findCommands(list, "").length).toBe(3)
    expect(findCommands(list, "nothing")).toEqual([])
  })
})

describe("what if", () => {
  const groups = formGroups(scenarioJsonSchema())
  const field = (path: string) => groups.flatMap(({ fields }) => fields).find((one) => one.path.join(".") === path)

  test("the form has the fields of the Schema with their bounds and choices", () => {
    expect(field("training.parallelism.tensor")?.input).toEqual({ kind: "number", minimum: 1, maximum: 1e6 })
    expect(field("training.precision")?.input).toMatchObject({ kind: "choice" })
    expect(field("training.recompute")?.input).toMatchObject({ kind: "choice", options: ["none", "selective", "full"] })
    expect(field("cluster.system")?.input).toEqual({ kind: "text", catalogue: "systems" })
    expect(field("training.offload.optimizer")?.input).toEqual({ kind: "flag" })
    expect(field("training.microBatch")?.meaning).toContain("Sequences in a micro-batch")
  })

  test("values are read as YAML would", () => {
    expect(["8", "1.5e9", "80 GB", " full ", "", "-3"].map(typed)).toEqual([8, 1.5e9, "80 GB", "full", undefined, -3])
    expect(fieldAt({ a: { b: 1 } }, ["a", "b"])).toBe(1)
    expect(fieldAt({ a: 1 }, ["a", "b"])).toBeUndefined()
  })

  test("changes are arguments of the command line", () => {
    const before = { model: "a", training: { microBatch: 2, recompute: "full" } }
    const after = { model: "a", training: { microBatch: 4, tokens: "1 T" } }
    expect(changes(before, after)).toEqual(["training.microBatch=4", "training.recompute=null", "training.tokens=1 T"])
    expect(commandOf("my run.yaml", before, after)).toBe(
      "windtunnel run 'my run.yaml' --set training.microBatch=4 --set training.recompute=null --set 'training.tokens=1 T'"
    )
  })
})

describe("a result", () => {
  test("that is none is refused", () => {
    for (const value of [null, 1, "x", [], {}, { result: {} }, { result: { kind: "other" } }])
      expect(readResult(value)).toBeUndefined()
  })

  test("with figures that are no numbers leaves them out", () => {
    const found = readResult({
      result: { kind: "training", iterationSeconds: "soon", breakdown: { compute: { gemm: 2, head: null }, bubble: 1 } }
    })
    expect(found?.iterationSeconds).toBeUndefined()
    expect(found?.breakdown.map(({ name, seconds }) => [name, seconds])).toEqual([
      ["matrices", 2],
      ["pipeline bubble", 1]
    ])
  })

  test("has the parts of an iteration by the names, in the order and in the depths of a report", () => {
    const compute = {
      gemm: 4,
      attention: 3,
      elementwise: 2,
      head: 1,
      experts: 0,
      recompute: 5,
      accumulation: 1.5,
      shardCopies: 0
    }
    const exposed = { tensor: 1, context: 0, expert: 0, pipeline: 0.5, data: 2 }
    const breakdown = { compute, exposed, bubble: 1, host: 0.25, optimizer: 0.5 }
    const own = readResult({ result: { kind: "training", breakdown } })?.breakdown ?? []
    const reported = trainingParts(breakdown as unknown as Parameters<typeof trainingParts>[0]).filter(
      ({ value }) => value > 0
    )
    expect(own.map(({ name, seconds }) => [name, seconds])).toEqual(reported.map(({ name, value }) => [name, value]))
    expect(own.map(({ depth = 1 }) => depth)).toEqual(reported.map(({ depth = 1 }) => depth))
  })
})
