import { describe, expect, test } from "vitest"
import {
  breakdownBar,
  element,
  escapeText,
  heatMap,
  memoryBar,
  parallelCoordinates,
  standalone,
  valueEffects
} from "../../src/charts/index.ts"

const hostile = "</text><script>alert(\"1\")</script><img src=x onerror='alert(2)'>&"

describe("text in a picture", () => {
  test("is text, whatever is in it", () => {
    expect(escapeText(hostile)).not.toMatch(/[<>"']/)
    expect(
      element("text", { x: 1.26, class: undefined, title: '"><b>' }, "a < b", 3, null, [element("b")]).markup
    ).toBe('<text x="1.3" title="&quot;&gt;&lt;b&gt;">a &lt; b3<b/></text>')
  })

  test("has no characters that XML forbids, and no halves of characters", () => {
    expect(escapeText("a\u0000b\u001bc\ud800d")).toBe("a\uFFFDb\uFFFDc\uFFFDd")
  })

  test("of ten million letters is cut", () => {
    expect(escapeText("x".repeat(1e7)).length).toBe(2000)
  })
})

describe("charts with hostile names", () => {
  const parts = [
    { name: hostile, value: 3, colour: "compute" },
    { name: "x".repeat(1e6), value: 1, colour: "idle" }
  ] as const

  const long = "x".repeat(1e6)
  const levels = { label: long, values: [hostile, long] }
  const measure = { label: hostile, better: "less", show: (value: number) => `${value} ${hostile}` } as const
  const table = { columns: [], rows: [] } as const

  test("run no script and stay small", () => {
    for (const picture of [
      heatMap({
        title: hostile,
        x: levels,
        y: levels,
        measure,
        lost: [hostile],
        cells: [{ x: 0, y: 0, value: 1 }, { x: 1, y: 1, value: 2 }, { x: 0, y: 1, value: hostile }], // prettier-ignore
        table
      }),
      parallelCoordinates({
        title: long,
        axes: [levels, levels],
        measure,
        lost: hostile,
        points: [{ at: [0, 1], value: 1 }, { at: [1, 0], value: null }], // prettier-ignore
        table
      }),
      valueEffects({
        title: hostile,
        axis: { label: hostile, unit: 1, scale: "linear", from: 0, to: 2 },
        mean: 1,
        fields: [{ field: long, note: hostile, values: [{ name: long, mean: 1 }, { name: hostile, mean: 2 }] }], // prettier-ignore
        table
      }),
      breakdownBar({ title: hostile, parts, unit: "time, s" }),
      memoryBar({ title: hostile, capacityBytes: 1, bars: [{ name: hostile, parts }] })
    ]) {
      const tags = new Set([...standalone(picture).matchAll(/<([a-z]+)/g)].map(([, tag]) => tag))
      expect([...tags].sort((one = "", other = "") => (one < other ? -1 : 1))).toEqual(
        ["circle", "defs", "g", "line", "path", "pattern", "rect", "style", "svg", "text", "title"].filter((tag) =>
          tags.has(tag)
        )
      )
      expect(picture.svg.length).toBeLessThan(20_000)
      expect(picture.svg).not.toMatch(/\son\w+=(?!&)/)
    }
  })
})
