import { describe, expect, test } from "vitest"
import {
  batchCurve,
  breakdownBar,
  calendarBar,
  costCurve,
  distributionCurve,
  heatMap,
  kneeOf,
  lineChart,
  loadCurve,
  memoryBar,
  parallelCoordinates,
  paretoChart,
  scalingCurve,
  valueEffects,
  type Picture
} from "../../src/charts/index.ts"
import { placeAxis, timeAxis } from "../../src/charts/axis.ts"
import { cutAt } from "../../src/charts/line-chart.ts"
import { rowsOf, spread } from "../../src/charts/spread.ts"
import { fitted, linesOf, textWidth } from "../../src/charts/text-width.ts"
import { examples } from "./examples.ts"

interface Rectangle {
  readonly x: number
  readonly width: number
  readonly fill: string
}

/** Rectangles of a height: the parts of bars, or those of the key. */
const rectangles = ({ svg }: Picture, height: number): readonly Rectangle[] =>
  [...svg.matchAll(/<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="(\d+)" fill="([^"]+)"/g)]
    .filter(([, , , tall]) => Number(tall) === height)
    .map(([, x, width, , fill]) => ({ x: Number(x), width: Number(width), fill: fill ?? "" }))

const texts = ({ svg }: Picture): readonly string[] =>
  [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text ?? "")

const four = { title: "Half is compute", unit: "time, s" } as const

describe("bars", () => {
  const picture = breakdownBar({
    ...four,
    parts: [
      { name: "matrices", value: 2, colour: "compute" },
      { name: "tensor parallel", value: 1, colour: "tensor" },
      { name: "nothing", value: 0, colour: "host" },
      { name: "bubble", value: 1, colour: "idle" }
    ]
  })

  test("parts of 2, 1 and 1 take a half and two quarters of 640 pixels, side by side", () => {
    expect(rectangles(picture, 30)).toEqual([
      { x: 0, width: 320, fill: "var(--compute)" },
      { x: 320, width: 160, fill: "var(--tensor)" },
      { x: 480, width: 160, fill: "url(#idle)" }
    ])
  })

  test("the table has every part and its share, also the one that is not drawn", () => {
    expect(picture.table).toEqual({
      columns: ["part", "time, s", "share"],
      rows: [
        ["matrices", 2, 0.5],
        ["tensor parallel", 1, 0.25],
        ["nothing", 0, 0],
        ["bubble", 1, 0.25]
      ]
    })
  })

  test("memory beyond the capacity is drawn beyond its line", () => {
    const over = memoryBar({
      title: "Too much",
      capacityBytes: 80e9,
      bars: [{ name: "", parts: [{ name: "weights", value: 100e9, colour: "memory" }] }]
    })
    const [bar] = rectangles(over, 22)
    const line = Number(/<line x1="([\d.]+)" x2="\1"/.exec(over.svg.replace(/<defs>.*?<\/defs>/, ""))?.[1])
    expect(line / (bar?.width ?? 0)).toBeCloseTo(0.8, 2)
    expect(texts(over)).toContain("capacity 80 GB")
  })

  test("of 100 stages 16 are drawn, the last among them, and all are in the table", () => {
    const many = memoryBar({
      title: "Many",
      capacityBytes: 10,
      bars: Array.from({ length: 100 }, (_, stage) => ({
        name: `stage ${stage}`,
        parts: [{ name: "weights", value: 5, colour: "memory" } as const]
      }))
    })
    expect(rectangles(many, 22)).toHaveLength(16)
    expect(texts(many)).toContain("stage 99")
    expect(many.table.rows).toHaveLength(100)
  })
})

describe("axes", () => {
  test.each([
    [5e-4, "x, us", ["0", "100", "200", "300", "400", "500"]],
    [1.5, "x, ms", ["0", "500", "1,000", "1,500", "2,000"]],
    [50, "x, s", ["0", "10", "20", "30", "40", "50"]],
    [4 * 86_400, "x, days", ["0", "1", "2", "3", "4"]]
  ] as const)("an axis to %d seconds is one of %s", (to, label, ticks) => {
    const axis = timeAxis("x", 0, to)
    expect(axis.label).toBe(label)
    const placed = placeAxis(axis, [0, 400], 5)
    expect(placed.ticks.map(({ text }) => text)).toEqual(ticks)
    expect(placed.at(0)).toBe(0)
    expect(placed.at(placed.to)).toBeCloseTo(400)
    expect(placed.to).toBeGreaterThanOrEqual(to)
  })

  test("ticks of one axis have as many decimals each", () => {
    const { ticks } = placeAxis({ label: "$", unit: 1, scale: "linear", from: 0, to: 2.5 }, [0, 100], 5)
    expect(ticks.map(({ text }) => text)).toEqual(["0.0", "0.5", "1.0", "1.5", "2.0", "2.5"])
  })

  test("a logarithmic axis begins and ends with a decade", () => {
    const { ticks } = placeAxis(timeAxis("x", 0.02, 40, "log"), [0, 100], 7)
    expect(ticks.map(({ text }) => text)).toEqual(["0.01", "0.1", "1", "10", "100"])
  })
})

describe("the knee", () => {
  const queue = (share: number): number => 1 / (1 - share)

  test("of a queue is where it turns up, not where it ends", () => {
    const points = [0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95].map((load) => ({ load, latency: queue(load) }))
    expect(kneeOf(points)).toBe(0.8)
  })

  test("of a straight line, of a flat one, and of three points there is none", () => {
    const line = [1, 2, 3, 4, 5].map((load) => ({ load, latency: load }))
    const flat = line.map(({ load }) => ({ load, latency: 1 + load / 100 }))
    expect([kneeOf(line), kneeOf(flat), kneeOf(line.slice(0, 3)), kneeOf([])]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined
    ])
  })
})

describe("lines", () => {
  test("that leave through the top are cut where they cross it", () => {
    expect(cutAt([[0, 1], [10, 3], [20, 5]], 2)).toEqual([[0, 1], [5, 2]]) // prettier-ignore
    expect(cutAt([[0, 1], [10, 2]], 2)).toEqual([[0, 1], [10, 2]]) // prettier-ignore
    expect(cutAt([[0, 5]], 2)).toEqual([])
  })

  test("without points are left out, and an empty chart is still a picture", () => {
    const axis = { label: "x", unit: 1, scale: "linear", from: 0, to: 1 } as const
    const empty = lineChart({
      title: "Nothing",
      x: axis,
      y: axis,
      lines: [{ name: "a", colour: "compute", points: [] }],
      table: { columns: [], rows: [] }
    })
    expect(empty.svg).not.toMatch(/NaN|Infinity|undefined/)
    expect(texts(empty)).not.toContain("a")
  })

  test("have their names at least a line of text apart", () => {
    expect(spread([10, 12, 11], 14, 0, 100)).toEqual([10, 38, 24])
    expect(spread([99, 98], 14, 0, 100)).toEqual([100, 86])
    // No room for three of 14 in 20: evenly then.
    expect(spread([5, 5, 5], 14, 0, 20)).toEqual([0, 10, 20])
  })

  test("marks that would touch go to another row", () => {
    expect(rowsOf([{ at: 50, width: 40 }, { at: 80, width: 40 }, { at: 130, width: 40 }])).toEqual([0, 1, 0]) // prettier-ignore
  })
})

describe("the curves' sentences", () => {
  test.each([
    ["load-with-goal", "The p99 time to first token stays within 400 ms up to 8.40 requests/s"],
    ["load-without-goal", "The p99 time to last token turns up at 8 users"],
    ["scaling", "768 accelerators give 6.46 times the throughput of 96: 80.8 % of perfect scaling"],
    ["cost", "A million output tokens cost $0.206 at 9.50 requests/s, $2.29 at 0.500"],
    ["distribution", "99 % of requests have a time to first token within 300 ms; 99 of 100 are below 293 ms"]
  ])("%s says: %s", (name, title) => {
    expect(examples[name]?.title).toBe(title)
    expect(examples[name]?.svg).toContain(`aria-label="${title}"`)
  })

  test("a goal that no load meets is said so", () => {
    const { title } = loadCurve({
      what: "time to first token",
      unit: "requests/s",
      statistics: ["p99"],
      points: [1, 2, 3].map((load) => ({ load, seconds: [load], isOverloaded: false })),
      goalSeconds: 0.5
    })
    expect(title).toBe("The p99 time to first token is above its goal of 500 ms at every load")
  })

  test("the load's table says what each load came to", () => {
    const { table } = loadCurve({
      what: "time to first token",
      unit: "requests/s",
      statistics: ["p50", "p99"],
      points: [
        { load: 1, seconds: [0.1, 0.2], isOverloaded: false },
        { load: 2, seconds: [Number.NaN, Number.NaN], isOverloaded: true }
      ]
    })
    expect(table).toEqual({
      columns: ["load, requests/s", "p50 time to first token, s", "p99 time to first token, s", "verdict"],
      rows: [
        [1, 0.1, 0.2, "keeps up"],
        [2, null, null, "overloaded"]
      ]
    })
  })

  test("scaling is measured against the smallest number of accelerators", () => {
    const { table } = scalingCurve({
      unit: "tokens/s",
      points: [
        { accelerators: 8, rate: 100 },
        { accelerators: 32, rate: 300 }
      ]
    })
    expect(table.rows).toEqual([[8, 100, 12.5, 1], [32, 300, 9.375, 0.75]]) // prettier-ignore
  })

  test("a distribution of one request is that request", () => {
    const { table } = distributionCurve({ what: "time to first token", sorted: Float64Array.of(0.5) })
    expect(new Set(table.rows.map(([, seconds]) => seconds))).toEqual(new Set([0.5]))
  })

  test("a price that only falls is cheapest at the end", () => {
    const { title } = costCurve({
      what: "a million tokens",
      by: "accelerators",
      unit: "accelerators",
      points: [
        { at: 8, dollars: 1 },
        { at: 16, dollars: 2 }
      ]
    })
    expect(title).toBe("A million tokens is cheapest, $1, at 8 accelerators")
  })
})

describe("text without a browser", () => {
  test("is cut to a width, and broken into lines of one", () => {
    expect(textWidth("iiii")).toBeLessThan(textWidth("mmmm"))
    expect(textWidth(fitted("a very long name of something", 60))).toBeLessThanOrEqual(60)
    for (const line of linesOf("one two three four five six seven", 70)) expect(textWidth(line)).toBeLessThanOrEqual(70)
    expect(linesOf("one two", 1000)).toEqual(["one two"])
    // A number stays with its unit: 99 and % would be parted at this width.
    expect(linesOf("half within 44 ms, 99 % within 49.4 ms", textWidth("half within 44 ms, 99"))).toEqual([
      "half within 44 ms,",
      "99 % within 49.4 ms"
    ])
    expect(linesOf("12 of 22 points", textWidth("12 of 22"))).toEqual(["12 of 22", "points"])
  })
})

describe("the calendar of a run", () => {
  const day = 86_400
  const bars = (picture: Picture) => rectangles(picture, 20)
  const parts = (training: number, lost: number) =>
    calendarBar({
      title: "A run",
      parts: [
        { name: "training", value: training * day, colour: "compute" },
        { name: "checkpoints", value: 0, colour: "memory" },
        { name: "work done again", value: lost * day, colour: "tensor" }
      ]
    })

  test("a run that loses half has both parts at their scale, one from where the other ends", () => {
    expect(bars(parts(5, 5))).toEqual([
      { x: 130, width: 180, fill: "var(--compute)" },
      { x: 310, width: 180, fill: "var(--tensor)" }
    ])
    expect(texts(parts(5, 5))).toContain("0 s")
  })

  test("a small loss is magnified: the axis begins late, says where, and the bar shows its cut", () => {
    const picture = parts(95, 5)
    // The axis goes from 90 to 100 days: training takes half of what is drawn.
    expect(bars(picture).map(({ width }) => width)).toEqual([180, 180])
    expect(texts(picture)).toContain("from 90 days")
    expect(picture.svg).toContain('fill="var(--ground)"')
    expect(picture.table.rows.map(([name, seconds]) => [name, seconds])).toEqual([
      ["training", 95 * day],
      ["checkpoints", 0],
      ["work done again", 5 * day]
    ])
  })

  test("a run without a loss, and one of no time, are drawn as well", () => {
    expect(bars(parts(10, 0))).toHaveLength(1)
    expect(parts(0, 0).svg).not.toContain("NaN")
    expect(parts(0, 0).svg).not.toContain("Infinity")
  })
})

describe("requests at once", () => {
  const at = (requests: number, tokensPerSecond: number, answerSeconds: number) => ({
    requests,
    tokensPerSecond,
    answerSeconds
  })

  test("the title says what many bring over one, and what it costs in waiting", () => {
    const { title, table } = batchCurve({ points: [at(1, 40, 1), at(8, 300, 1.1), at(64, 1200, 2)] })
    expect(title).toBe(
      "64 requests at once give 30 times the tokens a second of 1; an answer takes 2 s rather than 1 s"
    )
    expect(table.rows).toEqual([
      [1, 40, 1],
      [8, 300, 1.1],
      [64, 1200, 2]
    ])
  })

  test("where the server takes one at a time the title says that more bring nothing", () => {
    expect(batchCurve({ points: [at(1, 4.7, 13), at(2, 4.7, 20), at(64, 4.7, 440)] }).title).toBe(
      "More requests at once bring nothing: 4.70 output tokens/s for 1 as for 64"
    )
  })
})

const iteration = { label: "iteration", better: "less", show: (seconds: number) => `${seconds} s` } as const
const noTable = { columns: [], rows: [] } as const

describe("a heat map", () => {
  const map = heatMap({
    title: "Three of four",
    x: { label: "tensor", values: ["1", "2"] },
    y: { label: "recompute", values: ["none", "full"] },
    measure: iteration,
    lost: ["does not fit", "impossible", "error"],
    cells: [
      { x: 0, y: 0, value: 3 },
      { x: 1, y: 0, value: 2 },
      { x: 0, y: 1, value: 1 },
      { x: 1, y: 1, value: "impossible" }
    ],
    table: noTable
  })

  test("has a cell for each pair, the deepest for the least time, its number in it", () => {
    const cells = [...map.svg.matchAll(/fill="var\(--ramp\)" fill-opacity="([\d.]+)" stroke="[^"]*" stroke-width="[^"]*"><title>([^<]*)</g)] // prettier-ignore
    expect(cells.map(([, opacity, title]) => [title, opacity])).toEqual([
      ["tensor 1, recompute none: 3 s", "0.10"],
      ["tensor 2, recompute none: 2 s", "0.55"],
      ["tensor 1, recompute full: 1 s", "1.00"]
    ])
    expect(texts(map)).toEqual(expect.arrayContaining(["1 s", "2 s", "3 s", "1 s (best)"]))
  })

  test("hatches a pair by what kept it from a number, and explains this hatch alone", () => {
    expect(map.svg).toContain('fill="url(#lost-1)"')
    expect(map.svg).toContain("<title>tensor 2, recompute full: impossible</title>")
    expect(texts(map)).toContain("impossible")
    expect(texts(map)).not.toContain("does not fit")
    expect(map.svg.match(/<pattern/g)).toHaveLength(1)
  })

  test("frames the best pair: where more is better it is the greatest", () => {
    const framed = (better: "less" | "more") => {
      const { svg } = heatMap({
        title: "Two",
        x: { label: "x", values: ["1", "2"] },
        y: { label: "y", values: ["1"] },
        measure: { ...iteration, better },
        lost: [],
        cells: [
          { x: 0, y: 0, value: 3 },
          { x: 1, y: 0, value: 4 }
        ],
        table: noTable
      })
      const best = Number(/<rect x="([\d.]+)"[^>]*class="best"/.exec(svg)?.[1])
      return [...svg.matchAll(/<rect x="([\d.]+)"[^>]*><title>/g)].findIndex(([, x]) => Number(x) === best)
    }
    expect(framed("less")).toBe(0)
    expect(framed("more")).toBe(1)
  })

  test("begins its colours where most values begin when a few are far worse, and says so", () => {
    const { svg } = heatMap({
      title: "Eleven",
      x: { label: "x", values: Array.from({ length: 21 }, (_, x) => String(x)) },
      y: { label: "y", values: ["1"] },
      measure: { ...iteration, better: "less" },
      lost: [],
      cells: Array.from({ length: 21 }, (_, x) => ({ x, y: 0, value: x === 20 ? 1000 : 10 + x })),
      table: noTable
    })
    // Nine tenths of the values lie at or below the 19th of 21, which is 28.
    expect(svg).toContain(">28 s and worse</text>")
    const depths = [...svg.matchAll(/fill-opacity="([\d.]+)" stroke="[^"]*" stroke-width="[^"]*"><title>/g)].map(
      ([, depth]) => Number(depth)
    )
    expect(depths).toHaveLength(21)
    expect(depths.slice(0, 19)).toEqual(Array.from({ length: 19 }, (_, x) => expect.closeTo(1 - (0.9 * x) / 18, 1)))
    expect(depths.slice(19)).toEqual([0.1, 0.1])
  })

  test("of a thousand pairs leaves the numbers to the table, and names every third value or so", () => {
    const many = examples["heat-map-of-many-values"]!
    expect(many.svg.match(/<title>/g)).toHaveLength(1000)
    expect(texts(many)).not.toContain("20.0")
    expect(texts(many)).toContain("8")
    expect(texts(many)).not.toContain("16")
  })
})

describe("parallel coordinates", () => {
  const chart = (count: number) =>
    parallelCoordinates({
      title: "Lines",
      axes: [
        { label: "tensor", values: ["1", "2"] },
        { label: "pipeline", values: ["1", "2", "4"] }
      ],
      measure: iteration,
      lost: "cannot run",
      points: Array.from({ length: count }, (_, index) => ({
        at: [index % 2, index % 3],
        value: index === 1 ? null : 10 + index
      })),
      table: noTable
    })
  const strokes = ({ svg }: Picture) => [...svg.matchAll(/<path [^>]*stroke="([^"]+)"/g)].map(([, stroke]) => stroke)

  test("draw a line a point, points that cannot run first and without colour, the best last and thickest", () => {
    const six = chart(6)
    expect(strokes(six)).toEqual(["var(--other)", ...Array.from({ length: 5 }, () => "var(--ramp)")])
    const last = [...six.svg.matchAll(/<path [^>]*>/g)].at(-1)?.[0]
    expect(last).toContain('class="best"')
    expect(last).toContain('stroke-opacity="1.00"')
    expect(texts(six)).toEqual(expect.arrayContaining(["tensor", "pipeline", "10 s", "15 s", "cannot run"]))
  })

  test("of 10,000 points draw the best ten and no more than three hundred or so", () => {
    expect(strokes(chart(10_000)).length).toBeLessThanOrEqual(310)
    expect(chart(10_000).svg).toContain('class="best"')
  })
})

describe("the effects of values", () => {
  test("stand at their means: half way between the ends of the axis is half way between its pixels", () => {
    const picture = valueEffects({
      title: "tensor",
      axis: { label: "iteration, s", unit: 1, scale: "linear", from: 0, to: 10, isExact: true },
      mean: 5,
      fields: [
        {
          field: "tensor",
          note: "90 %",
          values: [
            { name: "1", mean: 10 },
            { name: "2", mean: 5 },
            { name: "4", mean: 0 }
          ]
        }
      ],
      table: noTable
    })
    const places = [...picture.svg.matchAll(/<circle cx="([\d.]+)"/g)].map(([, x]) => Number(x))
    expect(places).toEqual([616, 395, 174])
  })
})

describe("a Pareto front", () => {
  const front = (xBetter: "less" | "more") =>
    paretoChart({
      title: "Front",
      x: { label: "x", unit: 1, scale: "linear", from: 0, to: 10, isExact: true },
      y: { label: "y", unit: 1, scale: "linear", from: 0, to: 10, isExact: true },
      xBetter,
      front: [
        { x: 2, y: 8, title: "small" },
        { x: 6, y: 4, title: "large" }
      ],
      others: [{ x: 8, y: 9, title: "worse" }],
      table: noTable
    })

  test("goes on at a cost until the next point is paid for", () => {
    const corners = (picture: Picture) =>
      [...(/<path d="M([^"]+)"/.exec(picture.svg)?.[1] ?? "").matchAll(/([\d.]+),([\d.]+)/g)].map(([, x, y]) => [
        Number(x),
        Number(y)
      ])
    const less = corners(front("less"))
    expect(less).toHaveLength(3)
    expect(less[1]).toEqual([less[2]?.[0], less[0]?.[1]])
    const more = corners(front("more"))
    expect(more[1]).toEqual([more[0]?.[0], more[2]?.[1]])
  })

  test("names every point, those beyond the front in grey", () => {
    const { svg } = front("less")
    expect([...svg.matchAll(/<title>([^<]+)</g)].map(([, title]) => title)).toEqual(["worse", "small", "large"])
    expect(svg.match(/<circle[^>]*fill="var\(--host\)"/g)).toHaveLength(1)
  })
})

test("the band of a line goes from its least to its greatest, and ends at the top of the plot", () => {
  const axis = { label: "x", unit: 1, scale: "linear", from: 0, to: 10, isExact: true } as const
  const band = (high: number) =>
    /<path d="([^"]+)" fill="var\(--compute\)" fill-opacity="0.18"/.exec(
      lineChart({
        title: "Band",
        x: axis,
        y: axis,
        lines: [{ name: "", colour: "compute", points: [[0, 5], [10, 5]], band: [[0, 4, high], [10, 4, high]] }], // prettier-ignore
        table: noTable
      }).svg
    )?.[1]
  expect(band(6)).toMatch(/^M[\d.,L]+Z$/)
  expect(band(20)).toBe(band(10))
  expect(band(20)).not.toBe(band(6))
})
