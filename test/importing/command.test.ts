/** `windtunnel import`, from the arguments to the file that `windtunnel run` takes. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { parse } from "yaml"
import { importArguments } from "../../src/cli/import.ts"
import { inFolder, windtunnel } from "../cli/command-line.ts"

const serve = "vllm serve meta-llama/Llama-3.1-8B-Instruct --max-model-len 8192"

describe("arguments", () => {
  const split = (text: string): string => importArguments(text.split(" ")).join(" ")

  test.each([
    ["import vllm serve m -tp 8", "import -- vllm serve m -tp 8"],
    ["import --system dgx-h100 trtllm-serve m --config x", "import --system dgx-h100 -- trtllm-serve m --config x"],
    [
      "import A=1 /usr/bin/vllm serve m --out f --nodes=2 -dp 2",
      "import --out f --nodes=2 -- A=1 /usr/bin/vllm serve m -dp 2"
    ],
    ["import -- vllm serve m --out f", "import -- vllm serve m --out f"],
    ["import config.json --out f", "import config.json --out f"],
    ["run vllm --json", "run vllm --json"],
    ["import --help", "import --help"]
  ])("%s", (given, meant) => {
    expect(split(given)).toBe(meant)
  })
})

describe("a command line", () => {
  test("given as words, in one text, in a script or on --json is the same scenario", async () => {
    const words = parse((await windtunnel("import", ...serve.split(" "))).stdout)
    expect(words.serving).toEqual({ stack: "vllm-v1", maxSequence: 8192 })
    expect(parse((await windtunnel("import", serve)).stdout)).toEqual(words)
    expect(JSON.parse((await windtunnel("import", serve, "--json")).stdout).scenario).toEqual(words)
    await inFolder(async (folder) => {
      const file = join(folder, "serve.sh")
      writeFileSync(file, `\uFEFF#!/bin/sh\nset -e\n${serve}\n`)
      expect(parse((await windtunnel("import", file)).stdout)).toEqual(words)
    })
  })

  test("writes a file that runs", async () => {
    await inFolder(async (folder) => {
      const file = join(folder, "serve.yaml")
      const written = await windtunnel("import", ...serve.split(" "), "--system", "dgx-h100", "--out", file)
      expect(written).toMatchObject({ status: 0, stderr: "" })
      expect(written.stdout.split("\n")[0]).toBe(`wrote ${file}`)
      expect(written.stdout).toContain(`next    windtunnel run ${file}`)
      expect(readdirSync(folder)).toEqual(["serve.yaml"])
      const ended = await windtunnel("run", file, "--json", "--set", "workload.requests=50")
      expect(ended.status).toBe(0)
      expect(JSON.parse(ended.stdout).result.requests.finished).toBe(50)
    })
  })

  test("unknown flags are said on standard error, and refused when strict", async () => {
    const command = `${serve} --max-modellen 5`
    const lenient = await windtunnel("import", command)
    expect(lenient.status).toBe(0)
    expect(lenient.stderr).toContain("--max-modellen: there is no such flag; did you mean --max-model-len")
    const strict = await windtunnel("import", command, "--strict")
    expect(strict).toMatchObject({ status: 2, stdout: "" })
  })

  test("wrong input ends with 2 and one message, and leaves no file", async () => {
    await inFolder(async (folder) => {
      const file = join(folder, "out.yaml")
      const binary = join(folder, "binary")
      writeFileSync(binary, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0xff, 0xfe]))
      const empty = join(folder, "empty.sh")
      writeFileSync(empty, "")
      for (const [what, said] of [
        ["vllm serve 'meta", "a single quote is opened and never closed"],
        ["gunicorn app:app", "no server is started"],
        ["nothing.json", "there is no file"],
        [folder, "it is a folder"],
        [binary, "the file is not text"],
        [empty, "it is empty"]
      ] as const) {
        const ended = await windtunnel("import", what, "--out", file)
        expect(ended).toMatchObject({ status: 2, stdout: "" })
        expect(ended.stderr).toContain(said)
      }
      expect(existsSync(file)).toBe(false)
      const nowhere = await windtunnel("import", serve, "--out", join(folder, "no", "such", "folder.yaml"))
      expect(nowhere).toMatchObject({ status: 2, stdout: "" })
    })
  })
})

describe("a config.json", () => {
  const config = {
    model_type: "llama",
    hidden_size: 2048,
    intermediate_size: 8192,
    num_attention_heads: 32,
    num_hidden_layers: 16,
    num_key_value_heads: 8,
    head_dim: 64,
    tie_word_embeddings: true,
    max_position_embeddings: 8192,
    vocab_size: 128_256
  }

  test("becomes a model with its parameters, and serves a command line", async () => {
    await inFolder(async (folder) => {
      const file = join(folder, "config.json")
      writeFileSync(file, JSON.stringify(config))
      const model = await windtunnel("import", file, "--name", "Mine-1B")
      expect(model.stdout).toMatch(/^# Mine-1B: 1\.24 billion parameters \(1,235,814,400\)\n/)
      const document = JSON.parse((await windtunnel("import", file, "--name", "Mine-1B", "--json")).stdout)
      expect(document.parameters).toEqual({ total: 1_235_814_400, active: 1_235_814_400 })
      expect(document.model).toEqual(parse(model.stdout).model)
      const out = join(folder, "serve.yaml")
      await windtunnel("import", "vllm serve me/mine", "--config", file, "--name", "Mine-1B", "--out", out)
      expect(parse(readFileSync(out, "utf8")).model).toEqual(document.model)
      expect((await windtunnel("run", out, "--set", "workload.requests=10")).status).toBe(0)
    })
  })

  test("that is wrong ends with 2, and with its line", async () => {
    await inFolder(async (folder) => {
      const file = join(folder, "config.json")
      writeFileSync(file, JSON.stringify({ ...config, hidden_size: "wide" }, null, 2))
      const ended = await windtunnel("import", file)
      expect(ended).toMatchObject({ status: 2, stdout: "" })
      expect(ended.stderr).toContain('config.json:3:18\n  hidden_size: given "wide"')
      writeFileSync(file, "not JSON")
      expect((await windtunnel("import", file)).stderr).toContain("expected a config.json of Hugging Face")
      expect((await windtunnel("import", file, "--system", "dgx-h100")).status).toBe(2)
    })
  })
})
