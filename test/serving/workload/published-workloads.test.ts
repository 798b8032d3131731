import { describe, expect, test } from "vitest"
import { distributionMean, publishedLengths, tokenSampler } from "../../../src/serving/workload/index.ts"
import { randomStream } from "../../../src/random/index.ts"
import { mean, quantile } from "../../../src/statistics/index.ts"

describe("look-alikes have the lengths of what they look like", () => {
  // Measured on the published files: mean, median and 90th percentile of prompt and output.
  const measured: readonly (readonly [string, "prompt" | "output", number, number, number])[] = [
    ["azure-conv-2023", "prompt", 1154.7, 1020, 2734],
    ["azure-conv-2023", "output", 211.13, 129, 424],
    ["azure-code-2023", "prompt", 2047.8, 1469, 5186],
    ["azure-code-2023", "output", 27.88, 13, 55],
    ["mooncake-conversation", "prompt", 12035, 6909, 27367],
    ["mooncake-conversation", "output", 342.62, 350, 597],
    ["sharegpt", "prompt", 857.46, 730, 1458],
    ["sharegpt", "output", 652.51, 631, 770],
    ["arxiv-summarization", "prompt", 2588.1, 2730, 3702],
    ["arxiv-summarization", "output", 291.43, 167, 372]
  ]
  test.each(measured)("%s, %s: mean %d, median %d, 90 %% below %d", (name, which, middle, median, ninety) => {
    const lengths = publishedLengths[name]![which]
    expect(Math.abs(distributionMean(lengths) / middle - 1)).toBeLessThan(0.01)
    const draw = tokenSampler(lengths)
    const stream = randomStream(1, name)
    const values = Float64Array.from({ length: 100_000 }, () => draw(stream))
    expect(Math.abs(mean(values) / middle - 1)).toBeLessThan(0.03)
    expect(Math.abs(quantile(values, 0.5) - median)).toBeLessThanOrEqual(Math.max(1, 0.01 * median))
    expect(Math.abs(quantile(values, 0.9) - ninety)).toBeLessThanOrEqual(Math.max(1, 0.01 * ninety))
  })

  test("the weights are requests: their sums are the rows of the files", () => {
    const rows = Object.entries(publishedLengths).flatMap(([name, { prompt, output }]) =>
      [prompt, output].map((lengths) => [
        name,
        lengths.kind === "histogram" ? lengths.weights.reduce((a, b) => a + b, 0) : 0
      ])
    )
    expect(new Set(rows.map((row) => row.join(" ")))).toEqual(
      new Set([
        "azure-conv-2023 19366",
        "azure-code-2023 8819",
        "mooncake-conversation 12031",
        "sharegpt 300",
        "arxiv-summarization 28257"
      ])
    )
    for (const { prompt, output } of Object.values(publishedLengths))
      for (const lengths of [prompt, output])
        if (lengths.kind === "histogram") {
          expect(lengths.weights).toHaveLength(lengths.edges.length)
          expect(lengths.edges).toEqual([...new Set(lengths.edges)].toSorted((a, b) => a - b))
          expect(lengths.low).toBeLessThan(lengths.edges[0]!)
        }
  })
})
