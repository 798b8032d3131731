import { describe, expect, test } from "vitest"
import { accepted, chat, refused } from "./chat.ts"

const mixture = chat
  .replace("model: llama-3.1-8b", "model: qwen3-30b-a3b")
  .replace("parallelism: { tensor: 2 }", "parallelism: { tensor: 2, dataAttention: 4, expert: 8 }")
const routed = (line: string): string => mixture.replace("workload:", `  ${line.replaceAll("\n", "\n  ")}\nworkload:`)
/** One step of a few thousand prompt tokens: bound by compute, so that the busiest rank sets the pace. */
const load = {
  decodes: 0,
  decodeContext: 0,
  decodeWindow: 0,
  prefills: 8,
  prefillTokens: 8192,
  prefillPairs: (8 * 1024 * 1025) / 2,
  prefillContext: 8192,
  sampled: 8
}
const stepOf = (text: string): number => accepted(text).job.steps.stageSeconds(0, load)

describe("the routing of a served mixture", () => {
  test("an exponent of 0 is the even routing", () => {
    expect(stepOf(routed("expertRouting: { zipf: 0 }"))).toBeCloseTo(stepOf(mixture), 12)
  })

  test("the more skewed, the slower; copies of busy experts win most of it back, and take memory", () => {
    const even = stepOf(mixture)
    const skewed = stepOf(routed("expertRouting: { zipf: 0.8 }"))
    const moreSkewed = stepOf(routed("expertRouting: { zipf: 1.2 }"))
    const copied = stepOf(routed("expertRouting: { zipf: 1.2 }\nredundantExperts: 32"))
    expect(skewed).toBeGreaterThan(even)
    expect(moreSkewed).toBeGreaterThan(skewed)
    expect(moreSkewed - copied).toBeGreaterThan(0.5 * (moreSkewed - even))
    const memory = (text: string): number => accepted(text).job.memory.weights
    const experts = memory(routed("redundantExperts: 128")) - memory(mixture)
    // 128 copies of the model's 128 experts on 8 ranks: 48 layers x 128 x 3 matrices of 2048 x 768, in 16 bits.
    expect(experts).toBeCloseTo((48 * 128 * 3 * 2048 * 768 * 2) / 8, 0)
  })

  test("given loads are shares of their sum", () => {
    const even = routed(`expertRouting: { loads: [${Array.from({ length: 128 }, () => 7).join(", ")}] }`)
    expect(stepOf(even)).toBeCloseTo(stepOf(mixture), 12)
  })

  test.each([
    [
      routed("expertRouting: { loads: [1, 2] }"),
      "serving.expertRouting.loads",
      "2 loads",
      "128 loads, one above 0 at least"
    ],
    [routed("redundantExperts: 3"), "serving.redundantExperts", "3", "copies that fill the ranks evenly"],
    [routed("expertRouting: { zipf: 1 }\nexpertImbalance: 1.2"), "serving.expertImbalance", "1.2", "nothing"],
    [
      routed("expertRouting: { zipf: 1, loads: [1] }"),
      "serving.expertRouting",
      '{"zipf":1,"loads":[1]}',
      "a map with exactly one of zipf, loads"
    ],
    [
      chat.replace("workload:", "  redundantExperts: 2\nworkload:"),
      "serving.redundantExperts",
      "2",
      "nothing for a dense model"
    ],
    [
      routed("redundantExperts: 8").replace("expert: 8", "expert: 1"),
      "serving.redundantExperts",
      "8",
      "serving.parallelism.expert above 1, or 0"
    ]
  ])("%#: what cannot be is refused", (text, path, given, expected) => {
    expect(refused(text)).toMatchObject({ path, given, expected })
  })

  test("copies that do not fill the ranks name the nearest that do", () => {
    expect(refused(routed("redundantExperts: 11")).nearest).toEqual(["8", "16"])
  })
})
