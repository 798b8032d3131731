/** Every transcript of docs/planning.md is what the command prints; `...` stands for lines left out. */
import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { parse } from "yaml"
import { scenarioFromData } from "../../src/scenario/index.ts"
import { windtunnel } from "../cli/command-line.ts"
import { cases } from "./plan-cases.ts"

const guide = readFileSync(new URL("../../docs/planning.md", import.meta.url), "utf8")

const blocks = [...guide.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = "", body = ""]) => ({
  language,
  lines: body.trimEnd().split("\n")
}))

const transcripts = blocks.filter(({ language, lines }) => language === "" && lines[0]?.startsWith("$ ") === true)

describe("docs/planning.md", () => {
  test.each(transcripts.map(({ lines }) => [lines[0] ?? "", lines.slice(1)] as const))("%s", async (command, shown) => {
    const { stdout, stderr } = await windtunnel(...command.replace("$ windtunnel ", "").split(" "))
    const printed = `${stdout}${stderr}`.split("\n")
    let at = 0
    for (const line of shown) {
      if (line === "...") continue
      const found = printed.indexOf(line, at)
      expect(found, `${line}\n\nafter line ${at} of\n${printed.join("\n")}`).toBeGreaterThanOrEqual(0)
      at = found + 1
    }
  })

  test("has four transcripts, and a plan block that a scenario may have", () => {
    expect(transcripts).toHaveLength(4)
    const written = blocks.find(({ language }) => language === "yaml")?.lines.join("\n") ?? ""
    const loaded = scenarioFromData({ name: "guide", data: { ...cases["full shards"], ...parse(written) } })
    expect(loaded._tag === "Refused" ? loaded.issues : loaded.scenario.plan).toMatchObject({
      objective: "cost",
      constraints: { memoryHeadroom: 0.05, deadline: 2_592_000, budget: 2_500_000, power: 300_000, accelerators: 512 },
      space: { tensor: [4, 8], recompute: "none", nodes: [16, 32, 64] }
    })
  })
})
