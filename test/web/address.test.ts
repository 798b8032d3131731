/** The state of the page in its address: all of it comes back, and a wrong address does no harm. */
import { describe, expect, test } from "vitest"
import { readLink, writeLink, type LinkState } from "../../web/base/link-state.ts"
import { linkOf, viewOfLink } from "../../web/view/address.ts"
import { firstView, sceneOf } from "../../web/view/session.ts"
import { twoStages } from "./recordings.ts"

const whole: LinkState = {
  window: { start: 1.5, end: 2.25 },
  selection: { slice: 12, entry: 3 },
  pinned: ['["run"]'],
  toggled: ["a", "b~c"],
  hidden: ["data", "host"],
  filter: "rank 3",
  search: "all-reduce & more",
  tab: "serving",
  area: { start: 0.25, end: 0.5, tracks: [0, 1, 2, 3, 7, 9, 10] },
  marks: [
    { start: 1, end: 2 },
    { start: 3e-7, end: 4.5 }
  ],
  requests: { metric: "e2e", range: [0.125, 3] },
  match: 4,
  row: '["run","rank 0"]',
  showsPath: true,
  showsCourse: true
}

describe("an address", () => {
  test("brings back everything that it was made of", () => {
    expect(readLink(writeLink(whole))).toEqual(whole)
    expect(writeLink(whole)).toContain("area=0.25%7E0.5%7E0-3.7.9-10")
  })

  test("that is wrong in a part is right in the others", () => {
    const found = readLink("#v=1&t=2~1&area=1~2&req=ttft~3~1&marks=1~x_2~3&m=-7&run=yes&tab=memory&sel=1.5_0")
    expect(found).toEqual({ tab: "memory", marks: [{ start: 2, end: 3 }] })
    expect(readLink("#v=1&area=0~1~5-2.x.-1.3-1e9").area!.tracks.length).toBeLessThanOrEqual(100_000)
    expect(readLink("#v=2&tab=memory")).toEqual({})
  })

  test("of an area, marks and a row is that of the view, in the trace that it is for", () => {
    const { trace } = { trace: twoStages() }
    const scene = sceneOf([
      { name: "run", read: { trace, categoryOf: () => "", argumentsOf: () => ({}), remarks: [] } }
    ])
    const row = scene.tree[0]!.id
    const view = {
      ...firstView(scene),
      area: { start: 1, end: 2, tracks: [0], rows: [] },
      marks: [{ start: 1, end: 2 }],
      row
    }
    const back = viewOfLink(scene, readLink(writeLink(linkOf(scene, view))))
    expect(back.area).toMatchObject({ start: 1, end: 2, tracks: [0] })
    expect(back.area!.rows.length).toBeGreaterThan(0)
    expect(back.marks).toEqual(view.marks)
    expect(back.row).toBe(row)
    expect(viewOfLink(scene, { area: { start: 1, end: 2, tracks: [999] }, row: "x" })).toMatchObject({
      area: undefined,
      row: undefined
    })
  })
})
