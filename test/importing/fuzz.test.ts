/** Whatever is given, an import is a model, a scenario, or a refusal that says something. */
import { describe, expect, test } from "vitest"
import { importModel, importServer, isRefused } from "../../src/importing/index.ts"
import { randomStream } from "../../src/random/index.ts"
import { publishedConfigs } from "./published-configs.ts"

const draw = randomStream(7, "imports")
const below = (count: number): number => Math.floor(draw() * count)
const pick = <T>(from: readonly T[]): T => {
  const chosen = from[below(from.length)]
  if (chosen === undefined) throw new Error("nothing to pick from")
  return chosen
}

const pieces = [
  "vllm", "serve", "gpt2", "meta-llama/Llama-3.1-8B", "--tensor-parallel-size", "-tp", "8", "=", "-1", "--", "-", "'", '"',
  "\\", "$", "${", "$(", "}", "&&", ";", "|", ">", "\n", "--max-model-len", "1e9", "9".repeat(30), "--quantization=awq",
  "--cpu-offload-gb", "0", "-dp", "--kv-cache-dtype", "fp8", "--dtype", "half", "--no-enable-prefix-caching", "A=1",
  "python", "-m", "sglang.launch_server", "--model-path", "trtllm-serve", "--enable-dp-attention", "--tp=2", "é", "\t",
  "--enable-lora", "--lora-modules", "--max-loras", "--speculative-config", "'{\"method\": \"mtp\", \"num_speculative_tokens\": 3}'",
  "--speculative-model", "[ngram]", "--num-speculative-tokens"
] // prettier-ignore

const values: readonly unknown[] = [0, -1, 1, 3, 7.5, 1e12, "", "x", "128", true, null, [], {}, [1], NaN]

const isSaid = (outcome: object): boolean =>
  !isRefused(outcome) || (outcome.issues.length > 0 && outcome.issues.every(({ problem }) => problem !== ""))

describe("drawn by lot", () => {
  test("command lines", () => {
    for (let round = 0; round < 1000; round++) {
      const start = draw() < 0.6 ? ["vllm", "serve", "gpt2"] : []
      const command = [...start, ...Array.from({ length: below(12) }, () => pick(pieces))].join(pick([" ", " ", ""]))
      expect(isSaid(importServer({ source: "x", command })), command).toBe(true)
    }
  })

  test("configurations with fields changed and taken away", () => {
    for (let round = 0; round < 1000; round++) {
      const config: Record<string, unknown> = { ...pick(publishedConfigs).config }
      for (let changes = below(3); changes >= 0; changes--) {
        const field = pick(Object.keys(config))
        if (draw() < 0.3) delete config[field]
        else config[field] = pick(values)
        if (Object.keys(config).length === 0) break
      }
      const text = JSON.stringify(config)
      expect(isSaid(importModel("x", text)), text).toBe(true)
    }
  })

  test("configurations cut off or with a character changed", () => {
    for (let round = 0; round < 300; round++) {
      const text = JSON.stringify(pick(publishedConfigs).config)
      const at = below(text.length)
      const broken = draw() < 0.5 ? text.slice(0, at) : text.slice(0, at) + pick(pieces) + text.slice(at + 1)
      expect(isSaid(importModel("x", broken)), broken).toBe(true)
    }
  })
})
