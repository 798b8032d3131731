import { describe, expect, test } from "vitest"
import { formatIssue, resolveTraining, scenarioFromData } from "../../src/scenario/index.ts"

const refusalOf = (model: unknown): string => {
  const loaded = scenarioFromData({
    name: "inline.yaml",
    data: { cluster: { system: "dgx-a100" }, model, training: { globalBatch: 8, sequenceLength: 2048 } }
  })
  const outcome = loaded._tag === "Refused" ? loaded : resolveTraining(loaded)
  return outcome._tag === "Refused" ? outcome.issues.map(formatIssue).join("\n") : "accepted"
}

describe("an inline model whose fields disagree is refused where it is written", () => {
  test.each([
    [{ extends: "bloom-7b1", keyValueHeads: 7 }, "model.keyValueHeads", "a divisor of 32"],
    [{ extends: "mixtral-8x7b", experts: { active: 100 } }, "model.experts.active", "at most 8"],
    [{ extends: "mixtral-8x7b", experts: { denseLayers: 1000 } }, "model.experts.denseLayers", "at most 32"],
    [{ extends: "mistral-7b", slidingWindow: { tokens: 4096, layers: 99 } }, "model.slidingWindow.layers", "at most 32"]
  ])("%j", (model, path, expected) => {
    const refusal = refusalOf(model)
    expect(refusal).toContain(path)
    expect(refusal).toContain(expected)
  })

  test("grouped, multi-query and full attention pass", () => {
    for (const keyValueHeads of [1, 8, 32]) expect(refusalOf({ extends: "bloom-7b1", keyValueHeads })).toBe("accepted")
  })
})
