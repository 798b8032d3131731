import { describe, expect, test } from "vitest"
import { simulateServing, summariseServing } from "../../src/serving/index.ts"
import { accepted, chat, refused } from "./chat.ts"

const mixture = chat
  .replace("model: llama-3.1-8b", "model: qwen3-30b-a3b")
  .replace("parallelism: { tensor: 2 }", "parallelism: { dataAttention: 8, expert: 8 }")
const split = mixture.replace(
  "{ dataAttention: 8, expert: 8 }",
  "{ dataAttention: 4, feedForward: { ranks: 4, microBatches: 2 } }"
)
const withLine = (text: string, line: string): string => text.replace("workload:", `  ${line}\nworkload:`)
const load = {
  decodes: 512,
  decodeContext: 512 * 1000,
  decodeWindow: 512 * 1000,
  prefills: 0,
  prefillTokens: 0,
  prefillPairs: 0,
  prefillContext: 0,
  sampled: 512
}
const stepOf = (text: string): number => accepted(text).job.steps.stageSeconds(0, load)

describe("where the experts are, and how tokens get there", () => {
  test("feed-forward ranks count as accelerators of a replica and share the experts", () => {
    const { job } = accepted(split)
    expect(job.replicas).toBe(1)
    expect(job.target.layout).toEqual({
      tensor: 1,
      pipeline: 1,
      expert: 4,
      dataAttention: 4,
      feedForward: { ranks: 4, microBatches: 2 }
    })
    expect(accepted(split.replace(", microBatches: 2", "")).job.target.layout.feedForward?.microBatches).toBe(3)
  })

  test("a server of two kinds of ranks serves, and leaping changes nothing", () => {
    const short = split.replace("output: {", "requests: 40\n  output: {")
    const [on, off] = (["on", "off"] as const).map((leap) => {
      const { job } = accepted(`${short}leap: ${leap}\n`)
      return summariseServing(job, simulateServing(job))
    })
    expect(on?.requests.finished).toBe(40)
    expect(on?.throughput).toEqual(off?.throughput)
    expect(on?.accelerators).toBe(8)
  })

  test("an exchange is what the step pays for", () => {
    const said = withLine(mixture, "expertExchange: { by: all-to-all, dispatch: fp8 }")
    expect(accepted(said).job.target.expertExchange).toEqual({ by: "all-to-all", dispatch: "fp8", nodeLimit: null })
    expect(stepOf(said)).not.toBe(stepOf(mixture))
    expect(stepOf(withLine(mixture, "expertExchange: { by: gather }"))).toBe(stepOf(mixture))
  })

  test.each([
    [chat.replace("{ tensor: 2 }", "{ tensor: 4, feedForward: { ranks: 4 } }"), "serving.parallelism.feedForward"],
    [
      split.replace("dataAttention: 4, feedForward: { ranks: 4", "dataAttention: 5, feedForward: { ranks: 3"),
      "serving.parallelism.feedForward.ranks"
    ],
    [split.replace("{ dataAttention: 4,", "{ dataAttention: 2, pipeline: 2,"), "serving.parallelism.pipeline"],
    [split.replace("{ dataAttention: 4,", "{ dataAttention: 4, expert: 2,"), "serving.parallelism.expert"],
    [split.replace("dataAttention: 4,", "dataAttention: 3,"), "serving.parallelism"],
    [split.replace("microBatches: 2", "microBatches: 0"), "serving.parallelism.feedForward.microBatches"],
    [withLine(split, "twoBatchOverlap: true"), "serving.twoBatchOverlap"],
    [withLine(split, "speculation: { tokens: 2, acceptance: 0.5, draft: { ngram: {} } }"), "serving.speculation"],
    [withLine(split, "offload: { share: 0.5 }"), "serving.offload"],
    [withLine(split, "expertExchange: { by: gather }"), "serving.expertExchange.by"],
    [withLine(split, "expertExchange: { by: all-to-all, nodeLimit: 2 }"), "serving.expertExchange.nodeLimit"],
    [withLine(chat, "expertExchange: { by: all-to-all }"), "serving.expertExchange"],
    [withLine(mixture, "expertExchange: { by: gather, dispatch: fp8 }"), "serving.expertExchange.dispatch"],
    [withLine(mixture, "expertExchange: { by: gather, nodeLimit: 2 }"), "serving.expertExchange.nodeLimit"],
    [
      withLine(mixture, "expertExchange: { by: all-to-all }").replace("expert: 8", "expert: 4"),
      "serving.expertExchange.by"
    ],
    [
      withLine(mixture, "expertExchange: { by: all-to-all }").replace("expert: 8", "expert: 1"),
      "serving.expertExchange.by"
    ],
    [withLine(mixture, "expertExchange: { dispatch: fp8 }"), "serving.expertExchange.by"],
    [withLine(mixture, "twoBatchOverlap: true").replace("expert: 8", "expert: 1"), "serving.twoBatchOverlap"]
  ])("%#: what cannot be is refused at its field", (text, path) => {
    const issue = refused(text)
    expect(issue.path).toBe(path)
    expect(issue.expected).not.toBe("")
  })

  test("no expert gets more tokens than there are: a steep law is cut at one in `active`, a given load refused", () => {
    const steep = accepted(withLine(mixture, "expertRouting: { zipf: 3 }")).job.target.expertRouting
    // 8 of 128 experts are active: the first would get 83 % of the copies.
    expect(Math.max(...(steep?.popularity ?? []))).toBe(1 / 8)
    expect(steep?.popularity.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
    const loads = [100, ...Array.from({ length: 127 }, () => 1)].join(", ")
    expect(refused(withLine(mixture, `expertRouting: { loads: [${loads}] }`))).toMatchObject({
      path: "serving.expertRouting.loads",
      given: "100",
      expected: "loads of at most 1/8 of their sum"
    })
  })
})
