/** `windtunnel import` of a training, from the file to one that `windtunnel run` takes. */
import { mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { parse } from "yaml"
import { inFolder, windtunnel, write } from "../../cli/command-line.ts"
import { bloomScript } from "./bloom-script.ts"

const words =
  "torchrun --nproc_per_node 8 pretrain_gpt.py --num-layers 12 --hidden-size 768 --num-attention-heads 12 --seq-length 1024 --max-position-embeddings 1024 --micro-batch-size 4 --global-batch-size 64 --bf16"

describe("windtunnel import", () => {
  test("makes a file of BLOOM's script, with a line for each of its flags, that runs", async () => {
    await inFolder(async (folder) => {
      const script = write(folder, "bloom.slurm", bloomScript)
      const file = join(folder, "bloom.yaml")
      const written = await windtunnel("import", script, "--out", file)
      expect(written).toMatchObject({ status: 0, stderr: "" })
      expect(written.stdout).toContain(`wrote ${file}`)
      expect(written.stdout).toContain(`next    windtunnel run ${file}`)
      expect(readFileSync(file, "utf8")).toMatch(/^# {3}line \d+: --num-layers 70 {2}-> {2}model\.layers$/m)
      const ended = await windtunnel("run", file, "--json", "--set", "training.run=null")
      expect(ended.status).toBe(0)
      // 105.2 s were measured.
      const seconds = JSON.parse(ended.stdout).result.iterationSeconds
      expect(seconds).toBeGreaterThan(100)
      expect(seconds).toBeLessThan(111)
    })
  })

  test("takes a command's words, and gives JSON", async () => {
    const byWords = await windtunnel("import", ...words.split(" "), "--system", "dgx-a100")
    expect(parse(byWords.stdout)).toMatchObject({
      cluster: { system: "dgx-a100", nodes: 1 },
      training: { microBatch: 4 }
    })
    const json = JSON.parse((await windtunnel("import", words, "--json", "--system", "dgx-a100")).stdout)
    expect(json.scenario).toEqual(parse(byWords.stdout))
    expect(json.framework).toBe("megatron-lm")
    expect(json.remarks).toContainEqual({ kind: "understood", written: "--num-layers 12", text: "model.layers" })
  })

  test("reads a configuration beside the script, or alone", async () => {
    await inFolder(async (folder) => {
      mkdirSync(join(folder, "conf"))
      const titan = '[model]\nname = "llama3"\nflavor = "8B"\n[training]\nlocal_batch_size = 1\nseq_len = 8192\n'
      const alone = write(folder, "conf/llama.toml", titan)
      const script = write(
        folder,
        "train.sh",
        "torchrun --nproc_per_node=8 -m torchtitan.train --job.config_file conf/llama.toml\n"
      )
      const one = parse((await windtunnel("import", script)).stdout)
      expect(one).toMatchObject({ model: "llama-3-8b", cluster: { nodes: 1 } })
      expect(parse((await windtunnel("import", alone, "--nodes", "2")).stdout)).toMatchObject({ cluster: { nodes: 2 } })
    })
  })

  test("tells unknown flags, and refuses them when strict", async () => {
    const lenient = await windtunnel("import", `${words} --sequence-paralel`)
    expect(lenient.status).toBe(0)
    expect(lenient.stderr).toContain("--sequence-paralel: nobody knows it; did you mean --sequence-parallel")
    const strict = await windtunnel("import", `${words} --sequence-paralel`, "--strict")
    expect(strict).toMatchObject({ status: 2, stdout: "" })
    expect(strict.stderr).toContain("did you mean --sequence-parallel")
  })

  test("ends with 2 and one message for what is wrong", async () => {
    for (const [text, said] of [
      [words.replace("12", "twelve"), 'num-layers: given "twelve"\n  expected a whole number from 1'],
      [`${words} --tensor-model-parallel-size 5`, "training.parallelism.tensor"],
      [words.replace("--micro-batch-size 4 --global-batch-size 64", ""), "the batch is not said"],
      [`${words} 'open`, "a single quote is opened and never closed"]
    ] as const) {
      const ended = await windtunnel("import", text)
      expect(ended).toMatchObject({ status: 2, stdout: "" })
      expect(ended.stderr).toContain(said)
    }
  })
})
