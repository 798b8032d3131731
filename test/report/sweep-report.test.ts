/** What the report of a sweep says of rows that a person can check. */
import { describe, expect, test } from "vitest"
import {
  reportCsv,
  reportHtml,
  reportMarkdown,
  studiedSweep,
  sweepReport,
  type Report,
  type StoredRow,
  type SweepFindings
} from "../../src/report/index.ts"
import { mainEffects } from "../../src/report/sweep/effects.ts"
import { frontOf } from "../../src/report/sweep/front.ts"
import { metricOf } from "../../src/report/sweep/metric.ts"
import { reasonsOf } from "../../src/report/sweep/reasons.ts"
import { fieldsOf } from "../../src/report/sweep/row.ts"
import { evenly } from "../../src/report/sweep/thin.ts"

const trained = (fields: StoredRow, iterationSeconds: number, more: StoredRow = {}): StoredRow => ({
  ...fields,
  seed: 1,
  status: "ok",
  reason: null,
  accelerators: 8,
  iterationSeconds,
  tokensPerSecond: 8000 / iterationSeconds,
  tokensPerSecondPerAccelerator: 1000 / iterationSeconds,
  modelFlopsUtilisation: 1 / iterationSeconds,
  memoryBytes: 40e9,
  dollarsPerMillionTokens: null,
  joulesPerToken: 1,
  ...more
})

const unfit = (fields: StoredRow, gigabytes: number): StoredRow => ({
  ...trained(fields, 1),
  status: "does not fit",
  reason: `the fullest stage needs ${gigabytes.toFixed(1)} GB of 80.0 GB`
})

const impossible = (fields: StoredRow): StoredRow => ({
  ...fields,
  seed: 1,
  status: "impossible",
  reason: "training.parallelism.tensor: 3 does not divide the 32 heads"
})

const served = (rate: number, seed: number, p99: number, more: StoredRow = {}): StoredRow => ({
  "workload.arrivals.poisson.rate": rate,
  seed,
  status: "ok",
  reason: null,
  accelerators: 1,
  verdict: "stable",
  offeredPerSecond: rate,
  requestsPerSecond: rate,
  capacityPerSecond: 20,
  outputTokensPerSecond: 100 * rate,
  ttftP99: p99,
  tpotP99: 0.01,
  e2eMean: 1,
  attained: 1,
  dollarsPerMillionOutputTokens: null,
  ...more
})

const findingsOf = (rows: readonly StoredRow[], more: Partial<SweepFindings> = {}): SweepFindings => ({
  name: "A sweep",
  total: rows.length,
  done: rows.length,
  rows,
  where: undefined,
  objective: undefined,
  x: undefined,
  y: undefined,
  intervals: undefined,
  baseline: undefined,
  provenance: {
    version: "0.1.0",
    hash: "abc",
    seed: 1,
    command: "windtunnel report a.sqlite",
    scenario: {},
    remarks: []
  },
  ...more
})

const reported = (rows: readonly StoredRow[], more: Partial<SweepFindings> = {}): Report =>
  sweepReport(findingsOf(rows, more))

const picturesOf = (report: Report) => [
  ...(report.picture === null ? [] : [report.picture]),
  ...report.sections.flatMap(({ blocks }) =>
    blocks.flatMap((block) => (block.kind === "picture" ? [block.picture] : []))
  )
]

const tableOf = (report: Report, id: string, place = 0) =>
  report.sections
    .find((section) => section.id === id)
    ?.blocks.flatMap((block) => (block.kind === "table" ? [block.table] : []))[place]

const micro = (value: number): StoredRow => ({ "training.microBatch": value })
const two = (batch: number, recompute: string): StoredRow => ({ ...micro(batch), "training.recompute": recompute })

describe("two fields", () => {
  const rows = [
    trained(two(1, "none"), 10),
    trained(two(1, "full"), 8),
    unfit(two(2, "none"), 91.3),
    trained(two(2, "full"), 5),
    unfit(two(4, "none"), 106.7),
    impossible(two(4, "full"))
  ]
  const report = reported(rows)

  test("the answer names the best point, what it gains over the median, and those that cannot run", () => {
    // 1000 / 5 tokens/s against the median of 100, 125 and 200.
    expect(report.answer).toBe(
      "The highest throughput per accelerator of 6 points, 200 tokens/s, comes with microBatch 2, recompute full: 60 % above the median of the 3 points that count. 2 do not fit and 1 is impossible."
    )
  })

  test("the key chart is a heat map: its numbers are the field that is upright by the field along the axis", () => {
    expect(report.picture?.table).toEqual({
      columns: ["recompute", "microBatch 1, tokens/s", "microBatch 2, tokens/s", "microBatch 4, tokens/s"],
      rows: [
        ["none", 100, "does not fit", "does not fit"],
        ["full", 125, 200, "impossible"]
      ]
    })
    expect(report.picture?.title).toBe(
      "The throughput per accelerator is highest, 200 tokens/s, at microBatch 2 and recompute full; the lowest of 3 is 100 tokens/s; 3 of 6 cannot be had"
    )
  })

  test("reasons that differ in their numbers are one, with the range of these", () => {
    expect(tableOf(report, "lost", 1)?.rows).toEqual([
      ["does not fit", "the fullest stage needs 91.3 to 106.7 GB of 80.0 GB", 2],
      ["impossible", "training.parallelism.tensor: 3 does not divide the 32 heads", 1]
    ])
  })

  test("along the field of numbers there is a line for each value of the other", () => {
    const curve = picturesOf(report).find(({ title }) => title.startsWith("The time of an iteration"))
    expect(curve?.title).toBe(
      "The time of an iteration is lowest at microBatch 2, recompute full: 5 s, against 10 s at microBatch 1, recompute none"
    )
    expect(curve?.table.rows).toContainEqual(["microBatch 1, recompute full", 8, "ok"])
    expect(curve?.table.rows).toContainEqual(["microBatch 4, recompute full", null, "impossible"])
    expect(curve?.svg).toContain(">recompute full</text>")
  })

  test("another column judges when it is asked for, the other way round where less is better", () => {
    const byTime = reported(rows, { objective: "iterationSeconds" })
    expect(byTime.answer).toMatch(/^The lowest time of an iteration of 6 points, 5 s, comes with microBatch 2/)
    expect(byTime.answer).toContain("37.5 % below the median")
  })

  test("fields that are asked for are the axes, in that order", () => {
    const turned = reported(rows, { x: "training.recompute", y: "training.microBatch" })
    expect(turned.picture?.table.columns).toEqual([
      "microBatch",
      "recompute none, tokens/s",
      "recompute full, tokens/s"
    ])
    const along = reported(rows, { x: "training.recompute" })
    expect(along.picture?.title).toMatch(/^The throughput per accelerator is highest at recompute full, microBatch 2/)
  })

  test("a sweep that is half done says so, first of all", () => {
    const half = reported(rows.slice(0, 3), { total: 6, done: 3 })
    expect(half.answer).toMatch(/So far 3 of 6 points are simulated: this may change\.$/)
    expect(half.about).toContain("3 of 6 points")
  })

  test("the scenario's own point is compared with", () => {
    const own = (batch: number) =>
      reported(rows, { baseline: { "training.microBatch": batch, "training.recompute": "full" } }).answer
    expect(own(1)).toContain(
      "above the median of the 3 points that count and 60 % above the scenario as it is written."
    )
    expect(own(2)).toContain("recompute full, the scenario as it is written: 60 % above")
  })

  test("an interval of an iteration is one of its rate", () => {
    const basis = { cases: 3, sources: 2, medianError: 0.04, nearest: 1, isFar: false }
    const sure = reported(rows, { intervals: { iteration: { bands: [{ level: 0.9, factor: 1.25 }], basis } } })
    expect(sure.answer).toContain("200 tokens/s (90 % interval 160 tokens/s to 250 tokens/s), comes with")
    expect(sure.figures[0]).toMatchObject({ value: 200, ranges: [{ level: 0.9, low: 160, high: 250 }] })
    expect(sure.trust).toContain("nearest measured cases: 3 of 2 sources, median error 4 % unseen")
  })
})

describe("one field", () => {
  test("of a server: curves of the mean of the seeds with a band from least to greatest", () => {
    const rows = [1, 4, 16].flatMap((rate) => [served(rate, 1, 0.1 * rate), served(rate, 2, 0.3 * rate)])
    const report = reported(rows)
    expect(report.answer).toMatch(
      /^The highest rate of finished requests of 3 points, 16 requests\/s, comes with rate 16/
    )
    const curve = picturesOf(report).find(({ title }) => title.startsWith("The p99 time to first token"))
    expect(curve?.title).toMatch(/; mean of 2 seeds, shaded from their least to their greatest$/)
    expect(curve?.table).toEqual({
      columns: ["rate", "p99 time to first token, s", "least, s", "greatest, s", "standing"],
      rows: [
        ["1", expect.closeTo(0.2), expect.closeTo(0.1), expect.closeTo(0.3), "ok"],
        ["4", expect.closeTo(0.8), expect.closeTo(0.4), expect.closeTo(1.2), "ok"],
        ["16", expect.closeTo(3.2), expect.closeTo(1.6), expect.closeTo(4.8), "ok"]
      ]
    })
    expect(curve?.svg).toContain("rate, requests/s")
  })

  test("a server that misses its goals or falls behind is not the best, however much it does", () => {
    const report = reported([
      served(4, 1, 0.1),
      served(8, 1, 0.2),
      served(16, 1, 2, { attained: 0.6 }),
      served(32, 1, 60, { attained: 0, verdict: "overloaded" })
    ])
    expect(report.answer).toMatch(/comes with rate 8: .* 1 misses its goals and 1 is overloaded\.$/)
    expect(report.picture?.svg).toContain(">misses goals</text>")
  })

  test("points that cannot be had are marked, neighbours alike by one name, and lines across them are dashed", () => {
    const report = reported([
      trained(micro(1), 4),
      unfit(micro(2), 90),
      unfit(micro(3), 95),
      trained(micro(4), 3),
      impossible(micro(5))
    ])
    const svg = report.picture?.svg ?? ""
    expect(svg.match(/>does not fit</g)).toHaveLength(1)
    expect(svg.match(/>impossible</g)).toHaveLength(1)
    expect(svg.match(/stroke="var\(--limit\)"/g)).toHaveLength(3)
    expect(svg.match(/stroke-dasharray="5 4"/g)).toHaveLength(1)
  })

  test("where nobody meets the goals they are left aside, and that is said", () => {
    const report = reported([served(4, 1, 1, { attained: 0.5 }), served(8, 1, 2, { attained: 0.4 })])
    expect(report.answer).toMatch(/comes with rate 8: .* No point meets the goals\./)
  })

  test("values that are no numbers stand in the order in which they were given", () => {
    const rows = ["none", "full", "selective"].map((value, index) =>
      trained({ "training.recompute": value }, 1 + index)
    )
    expect(reported(rows).picture?.table.rows.map(([value]) => value)).toEqual(["none", "full", "selective"])
  })

  test("one seed that fails is enough for a point to fail", () => {
    const report = reported([
      served(4, 1, 0.1),
      served(4, 2, 0.1),
      served(8, 1, 0.1),
      { "workload.arrivals.poisson.rate": 8, seed: 2, status: "error", reason: "it ended" }
    ])
    expect(report.answer).toMatch(/comes with rate 4\. 1 ended in an error\.$/)
  })
})

describe("three fields", () => {
  // A tenth for the tensor size, a hundredth for the batch, nothing for the schedule.
  const rows = [1, 2, 4].flatMap((tensor) =>
    [1, 2].flatMap((batch) =>
      ["a", "b"].map((schedule) =>
        trained(
          { "training.parallelism.tensor": tensor, "training.microBatch": batch, "training.schedule": schedule },
          1 + 0.1 * tensor + 0.01 * batch
        )
      )
    )
  )
  const report = reported(rows, { objective: "iterationSeconds" })

  test("the key chart has an axis a field, the number last, and all points in its table, the best first", () => {
    expect(report.picture?.svg.match(/var\(--ramp\)/g)).toHaveLength(12)
    expect(report.picture?.table.rows[0]).toEqual(["tensor 1, microBatch 1, schedule a", expect.closeTo(1.11), "ok"])
  })

  test("the field that matters most comes first, with the share of the spread that it explains", () => {
    const { fields, judgement } = studiedSweep(rows, "iterationSeconds")
    const effects = mainEffects(judgement!.ranked, fields)
    expect(effects.map(({ field }) => field.name)).toEqual(["tensor", "microBatch", "schedule"])
    // Means 1.115, 1.215, 1.415 and 1.2433, 1.2533: sums of squares 0.186667, 0.0003.
    expect(effects.map(({ explained }) => explained)).toEqual([
      expect.closeTo(0.186667 / 0.186967, 4),
      expect.closeTo(0.0003 / 0.186967, 4),
      expect.closeTo(0, 9)
    ])
    expect(effects[0]?.values.map(({ mean }) => mean)).toEqual([
      expect.closeTo(1.115),
      expect.closeTo(1.215),
      expect.closeTo(1.415)
    ])
    expect(tableOf(report, "fields")?.rows[0]).toEqual([
      "training.parallelism.tensor",
      "1",
      expect.closeTo(1.115),
      "4",
      expect.closeTo(1.415),
      expect.closeTo(0.9984, 3),
      3
    ])
  })

  test("a heat map of the two that matter most has the best over the third in each cell", () => {
    const map = picturesOf(report).find(({ title }) => title.includes("each cell the best over the other fields"))
    expect(map?.table.columns.map((name) => name.split(",")[0])).toEqual([
      "microBatch",
      "tensor 1",
      "tensor 2",
      "tensor 4"
    ])
    expect(map?.table.rows[1]).toEqual(["2", expect.closeTo(1.12), expect.closeTo(1.22), expect.closeTo(1.42)])
  })
})

describe("the front", () => {
  const point = (accelerators: number, seconds: number, data: number) =>
    trained({ "training.parallelism.data": data }, seconds, { accelerators, tokensPerSecond: 8000 / seconds })
  const rows = [point(8, 10, 1), point(16, 6, 2), point(16, 7, 3), point(32, 6, 4), point(64, 2, 5)]

  test("holds whom nobody beats in both: of 5 points, 3", () => {
    const { points } = studiedSweep(rows, undefined)
    const front = frontOf(points, metricOf("accelerators"), metricOf("iterationSeconds"))
    expect(front.points.map(({ x, y }) => [x, y])).toEqual([
      [8, 10],
      [16, 6],
      [64, 2]
    ])
    expect(front.others).toHaveLength(2)
  })

  test("has a picture with a sentence, and its points with their fields in a table", () => {
    const report = reported(rows)
    expect(picturesOf(report).at(-1)?.title).toBe(
      "3 of 5 points are on the front of accelerators and iteration: from 8 with 10 s to 64 with 2 s"
    )
    expect(tableOf(report, "front")?.rows).toEqual([
      ["1", 8, 10],
      ["2", 16, 6],
      ["5", 64, 2]
    ])
  })

  test("of iterations of different lengths is one of tokens a second", () => {
    const unequal = [point(8, 10, 1), { ...point(16, 10, 2), tokensPerSecond: 1600 }]
    expect(picturesOf(reported(unequal)).at(-1)?.title).toContain("front of accelerators and throughput")
  })

  test("is left out where one point is the best in everything", () => {
    expect(reported([trained(micro(1), 2), trained(micro(2), 1)]).sections.map(({ id }) => id)).not.toContain("front")
  })
})

describe("very many points", () => {
  const servers = Array.from({ length: 300 * 120 }, (_, index) => ({
    "serving.batching.maxBatchTokens": 1 + (index % 300),
    ...served(1 + Math.floor(index / 300), 1, 0.1, {
      requestsPerSecond: (index % 300) - Math.floor(index / 300) / 1000
    })
  }))

  test("are drawn in part, the best among them, and that is said", () => {
    const { picture } = reported(servers)
    expect(picture?.title).toMatch(/at maxBatchTokens 300 and rate 1; .*; not every value is drawn$/)
    expect(picture?.svg.match(/<title>/g)?.length).toBeLessThanOrEqual(102 * 52)
    expect(picture?.svg).toContain("<title>maxBatchTokens 300, rate 1: 299</title>")
  })

  test("of every how-manieth the last and the one that must not be missing are kept", () => {
    expect(evenly(10, 20)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(evenly(10, 4, 7)).toEqual([0, 3, 6, 7, 9])
    expect(evenly(0, 4)).toEqual([])
  })
})

describe("sweeps at their ends", () => {
  test("where no point can run the answer says why, and there is no chart", () => {
    const report = reported([unfit(micro(1), 90), unfit(micro(2), 100), impossible(micro(3))])
    expect(report.answer).toBe("None of 3 points can run: 2 do not fit and 1 is impossible.")
    expect(picturesOf(report)).toEqual([])
    expect(report.figures.map(({ name }) => name)).toEqual(["points"])
  })

  test("of a single point there is nothing to draw", () => {
    const report = reported([trained(micro(1), 2)])
    expect(report.answer).toBe(
      "The highest throughput per accelerator of 1 point, 500 tokens/s, comes with microBatch 1."
    )
    expect(picturesOf(report)).toEqual([])
  })

  test("points that a price tells apart are judged by it", () => {
    const rows = [1, 2].map((batch) => trained(micro(batch), batch, { dollarsPerMillionTokens: 5 - batch }))
    expect(reported(rows).answer).toMatch(
      /^The lowest cost of a million tokens of 2 points, \$3, comes with microBatch 2/
    )
  })

  test("fields of one value are no fields of the charts", () => {
    const rows = [1, 2].map((batch) => trained({ ...micro(batch), model: "bloom-1b1" }, batch))
    expect(studiedSweep(rows, undefined).fields.map(({ path }) => path)).toEqual(["training.microBatch"])
  })

  test("paths without a dot are fields, and the seed is none", () => {
    expect(fieldsOf([trained({ model: "a" }, 1), trained({ model: "b" }, 2)]).map(({ path }) => path)).toEqual([
      "model"
    ])
  })

  test("maps alike are shown by their values, under the names of these", () => {
    const rows = ['{"tensor":2,"pipeline":1}', '{"tensor":1,"pipeline":2}'].map((map, index) =>
      trained({ "training.parallelism": map }, 1 + index)
    )
    expect(fieldsOf(rows)[0]).toMatchObject({ label: "parallelism: tensor · pipeline", texts: ["2 · 1", "1 · 2"] })
    expect(reported(rows).answer).toContain("comes with tensor 2, pipeline 1: ")
  })

  test("names that end digits are no numbers of a reason", () => {
    const point = (reason: string) => ({ levels: [], rows: [], standing: "impossible", reason })
    expect(reasonsOf([point("no h100 in 2 nodes"), point("no h200 in 2 nodes"), point("no h100 in 4 nodes")])).toEqual([
      { standing: "impossible", text: "no h100 in 2 to 4 nodes", points: 2 },
      { standing: "impossible", text: "no h200 in 2 nodes", points: 1 }
    ])
  })
})

test("every form has it: the page stands by itself, each chart with its numbers", () => {
  const hostile = "<script>alert(1)</script>"
  const report = reported([trained({ [`a.${hostile}`]: hostile }, 1), trained({ [`a.${hostile}`]: "b" }, 2)], {
    name: hostile
  })
  const html = reportHtml(report)
  expect(html).not.toContain("<script")
  expect(html.match(/<summary>The numbers<\/summary>/g)).toHaveLength(picturesOf(report).length)
  expect(reportMarkdown(report)).not.toMatch(/(?<!\\)<script/)
  expect(reportCsv(report)).toContain("key figures,,,throughput per accelerator,1000,tokens/s")
})
