import { describe, expect, test } from "vitest"
import { parseToml } from "../../../src/importing/training/toml.ts"

describe("TOML", () => {
  test("sections, keys, texts, numbers, truths, lists, tables and comments", () => {
    const text = `top = 1 # one
[a.b]
"quoted key" = "x # \\"y\\"" # comment
c.d = 1_000.5e-1
e = ['1', [2, 3], true,
  false, # and more
]
f = { g = "h", i = { j = -1 } }
`
    expect(parseToml(text)).toEqual([
      { path: "top", value: 1, line: 1 },
      { path: "a.b.quoted key", value: 'x # "y"', line: 3 },
      { path: "a.b.c.d", value: 100.05, line: 4 },
      { path: "a.b.e", value: ["1", [2, 3], true, false], line: 5 },
      { path: "a.b.f", value: { g: "h", i: { j: -1 } }, line: 8 }
    ])
  })

  test.each([
    ["no value", "a =", 1],
    ["a bare word", "x = 1\na = word", 2],
    ["a text that never ends", 'a = "b', 1],
    ["a list that never ends", "a = [1,\n2", 1],
    ["something behind a value", "a = 1 2", 1],
    ["a table in a list", "[[a]]", 1],
    ["a text over lines", 'a = """b"""', 1]
  ])("%s is refused with its line", (_, text, line) => {
    expect(parseToml(text)).toMatchObject({ _tag: "TomlError", line })
  })
})
