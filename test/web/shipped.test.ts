/** The shipped scenarios of the start page: each has a card, and a text that is read without its folder. */
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { loadScenario, type ReadText } from "../../src/scenario/index.ts"
import { shippedCards } from "../../web/shipped-cards.ts"
import { shippedText } from "../../web/what-if/shipped-text.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const files = globSync("scenarios/**/*.yaml", { cwd: root }).map((path) => path.replaceAll("\\", "/"))
const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]))

test("every shipped scenario has a card with its title and size", () => {
  const cards = shippedCards()
  expect(cards.map(({ name }) => `scenarios/${name}.yaml`).sort()).toEqual([...files].sort())
  expect(cards.find(({ name }) => name === "bloom-176b")).toEqual({
    name: "bloom-176b",
    title: "BLOOM-176B pre-training on Jean Zay",
    kind: "training",
    stages: 12,
    tensor: 4,
    accelerators: 384
  })
  expect(cards.find(({ name }) => name === "whole-run/bloom-176b")!.kind).toBe("run")
  expect(cards.find(({ name }) => name === "small-server")!.kind).toBe("serving")
})

test("every shipped scenario can be read as a text alone, whatever folder it came from", () => {
  const file = "scenarios/what-if.yaml"
  for (const { name } of shippedCards()) {
    const text = shippedText(texts, name)!
    const readText: ReadText = (path) => {
      const found = path === file ? text : texts.get(path)
      return found === undefined ? { failure: "there is no such file" } : { text: found }
    }
    const loaded = loadScenario({ file, readText })
    expect(loaded._tag, `${name}: ${JSON.stringify("issues" in loaded ? loaded.issues : "")}`).not.toBe("Refused")
  }
  expect(shippedText(texts, "whole-run/bloom-176b")).toContain("extends: bloom-176b.yaml")
  expect(shippedText(texts, "nothing-like-it")).toBeUndefined()
})
