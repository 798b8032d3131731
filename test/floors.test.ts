import { globSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { floorsOf, violations, type Sources } from "./house.ts"

const src = fileURLToPath(new URL("../src/", import.meta.url))
const readme = readFileSync(`${src}README.md`, "utf8")

describe("the house", () => {
  const sources: Sources = new Map(
    globSync("**/*.{ts,json}", { cwd: src })
      .filter((path) => !path.endsWith("tsconfig.build.json"))
      .map((path) => [path.replaceAll("\\", "/"), readFileSync(`${src}${path}`, "utf8")])
  )

  test("every room has its floor and its index.ts, and imports go down only", () => {
    expect(sources.size).toBeGreaterThan(100)
    expect(violations(sources, floorsOf(readme))).toEqual([])
  })
})

describe("the rules", () => {
  const floors = floorsOf(
    "| 2 | `attic` | on top |\n| 1 | `hall` | below |\n| 1 | `study` | beside it |\n| 3 | `cli` | edge |"
  )
  const house: Readonly<Record<string, string>> = {
    "cli/index.ts": 'import { x } from "../attic/index.ts"\nimport { join } from "node:path"',
    "attic/index.ts": 'export { x } from "./box.ts"',
    "attic/box.ts": 'import type { Chair } from "../hall/index.ts"',
    "hall/index.ts": 'export type { Chair } from "./chair.ts"',
    "hall/chair.ts": "export interface Chair {}",
    "study/index.ts": "export const desk = 1"
  }
  const broken = (file: string, text: string) => violations(new Map(Object.entries({ ...house, [file]: text })), floors)

  test("a house in order has nothing to complain of", () => {
    expect(floors).toEqual(new Map([["attic", 2], ["hall", 1], ["study", 1], ["cli", 3]])) // prettier-ignore
    expect(violations(new Map(Object.entries(house)), floors)).toEqual([])
  })

  test("an upward import is named with its file and line", () => {
    expect(broken("hall/chair.ts", '\nimport { x } from "../attic/index.ts"')).toEqual([
      'src/hall/chair.ts:2 imports "../attic/index.ts": hall stands on floor 1, attic on 2; imports go down only',
      "a circle: src/attic/index.ts -> src/attic/box.ts -> src/hall/index.ts -> src/hall/chair.ts -> src/attic/index.ts"
    ])
  })

  test("types count, several lines count, loading on demand counts", () => {
    for (const upward of [
      'import type { X } from "../attic/index.ts"',
      'import {\n  x,\n  y\n} from "../attic/index.ts"',
      'export * from "../attic/index.ts"',
      'import "../attic/index.ts"',
      'const later = () => import("../attic/index.ts")'
    ])
      expect(broken("study/index.ts", upward)).toHaveLength(1)
  })

  test("a comment is no import", () => {
    expect(broken("study/index.ts", '/**\n * import { x } from "../attic/index.ts"\n */')).toEqual([])
  })

  test("rooms on one floor leave each other alone", () => {
    expect(broken("study/index.ts", 'import type { Chair } from "../hall/index.ts"')).toEqual([
      'src/study/index.ts:1 imports "../hall/index.ts": study stands on floor 1, hall on 1; imports go down only'
    ])
  })

  test("a file other than index.ts belongs to its room", () => {
    expect(broken("attic/box.ts", 'import type { Chair } from "../hall/chair.ts"')).toEqual([
      'src/attic/box.ts:1 imports "../hall/chair.ts": a private file; hall/index.ts is what hall offers'
    ])
  })

  test("two files that import each other are a circle", () => {
    expect(broken("hall/chair.ts", 'import { x } from "./index.ts"')).toEqual([
      "a circle: src/hall/index.ts -> src/hall/chair.ts -> src/hall/index.ts"
    ])
  })

  test("Node is for the edge only", () => {
    expect(broken("hall/chair.ts", 'import { readFileSync } from "node:fs"')).toEqual([
      'src/hall/chair.ts:1 imports "node:fs": hall runs in a browser too; only cli may use Node'
    ])
  })

  test("a room without index.ts, without a floor, or on the map alone", () => {
    expect(broken("cellar/wine.ts", "")).toEqual([
      "src/cellar has no floor in src/README.md",
      "src/cellar has no index.ts"
    ])
    expect(violations(new Map(Object.entries(house)), new Map([...floors, ["garage", 0]]))).toEqual([
      "src/README.md names garage, which is not there"
    ])
  })

  test("an import of nothing, or of something outside", () => {
    expect(broken("hall/chair.ts", 'import { x } from "./stool.ts"')).toHaveLength(1)
    expect(broken("hall/chair.ts", 'import { x } from "../../test/house.ts"')).toHaveLength(1)
  })
})
