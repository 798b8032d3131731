/** Whatever is given, an import of a training is a scenario that resolves, or a refusal that says something. */
import { describe, expect, test } from "vitest"
import { importTraining, isRefused, trainingIn, trainingText } from "../../../src/importing/index.ts"
import { randomStream } from "../../../src/random/index.ts"
import { bloomScript } from "./bloom-script.ts"

const draw = randomStream(6, "trainings")
const below = (count: number): number => Math.floor(draw() * count)
const pick = <T>(from: readonly T[]): T => {
  const chosen = from[below(from.length)]
  if (chosen === undefined) throw new Error("nothing to pick from")
  return chosen
}

const isSaid = (source: string, text: string): boolean => {
  const outcome = importTraining({ source, text, isStrict: draw() < 0.2 })
  if (isRefused(outcome)) return outcome.issues.length > 0 && outcome.issues.every(({ problem }) => problem !== "")
  const yaml = trainingText(outcome)
  return yaml.includes("training:") && trainingIn({ source: "x.yaml", text: yaml }) === undefined
}

const pieces = [
  "torchrun", "pretrain_gpt.py", "--num-layers", "24", "--hidden-size", "0", "-1", "1e9", "9".repeat(30), "--bf16", "--fp8-format", "$(", "$((1+", "))",
  "((", "${A:-", "}", '"', "'", "`", "\n", "if", "then", "else", "fi", "[", "]", "A=(", ")", "A+=1", "<<EOF", "EOF", "> f", "bash -c", "eval", "--deepspeed",
  "--deepspeed_config", "f", "#SBATCH --nodes=4", "--moe-layer-freq", "([0]*3)", "--micro-batch-size=2", "--global-batch-size", "7", "nemo llm pretrain",
  "model.num_layers=2", "-m torchtitan.train", "--training.seq_len", "composer", "x.yaml", "é", "\0", "\t", "--num-query-groups", "3", "--pp-partition-method"
] // prettier-ignore

const toml = `[model]\nname = "llama3"\nflavor = "8B"\n[training]\nlocal_batch_size = 1\nseq_len = 8192\nsteps = 10\n[parallelism]\ntensor_parallel_degree = 2\n`
const yaml = `trainer: { num_nodes: 2, devices: 8, precision: bf16 }\nmodel:\n  micro_batch_size: 1\n  global_batch_size: 64\n  num_layers: 8\n  hidden_size: 512\n  num_attention_heads: 8\n  encoder_seq_length: 512\n`
const values = [
  "0",
  "-1",
  "1.5",
  "1e300",
  '"x"',
  "[1, 2]",
  "{a = 1}",
  "null",
  "${x}",
  "${model.num_layers}",
  "true",
  "",
  "~",
  "&a",
  "*a",
  "nan"
]

describe("drawn by lot", () => {
  test("scripts of pieces", () => {
    for (let round = 0; round < 1500; round++) {
      const start =
        draw() < 0.6
          ? "torchrun --nproc_per_node 8 pretrain_gpt.py --num-layers 24 --hidden-size 64 --num-attention-heads 4 --seq-length 64 "
          : ""
      const text = start + Array.from({ length: below(15) }, () => pick(pieces)).join(pick([" ", " ", "", "\n"]))
      expect(isSaid("x.sh", text), text).toBe(true)
    }
  })

  test("BLOOM's script with a line changed, cut or doubled", () => {
    const lines = bloomScript.split("\n")
    for (let round = 0; round < 200; round++) {
      const own = [...lines]
      const at = below(own.length)
      const kind = draw()
      if (kind < 0.3) own.splice(at, 1)
      else if (kind < 0.6) own.splice(at, 0, pick(lines))
      else own[at] = (own[at] ?? "").replace(/\d+/, () => pick(["0", "-3", "7", "x", "1e400", "99999999999"]))
      expect(isSaid("x.slurm", own.join("\n")), `round ${round}, line ${at + 1}`).toBe(true)
    }
  })

  test.each([
    ["a text that doubles itself", `A=ab\n${"A=$A$A\n".repeat(60)}run "$A" $A`],
    ["an array that does", `A=(ab)\n${'A+=("${A[@]}")\n'.repeat(40)}run`],
    ["brackets that never close", "$(".repeat(200_000)],
    ["brackets that never close in a document", `cat <<EOF > x\n${"$(".repeat(200_000)}\nEOF\n`],
    ["brackets that never close in a variable", `A='${"$(".repeat(200_000)}'\nrun $A`],
    ["nothing but assignments", Array.from({ length: 50_000 }, (_, index) => `A${index}=1\nrun`).join("\n")],
    ["nothing but programs", `python ${"train.py ".repeat(80_000)}`],
    ["nothing but flags", `torchrun pretrain_gpt.py ${"--what-is-it 1 ".repeat(50_000)}`],
    ["nothing but conditions", "if [ a = b ]; then\n".repeat(40_000)],
    ["an array that never ends", `A=(${"\n".repeat(500_000)}`]
  ])("a script with %s", (_, text) => {
    expect(isSaid("x.sh", text)).toBe(true)
  })

  test("configurations that are hostile", () => {
    expect(isSaid("x.toml", `[model]\na = [\n${"1,\n".repeat(100_000)}`)).toBe(true)
    expect(isSaid("x.toml", `[model]\na = ${"[".repeat(100_000)}`)).toBe(true)
    const strange = Array.from({ length: 10_000 }, (_, index) => `  strange_${index}: 1\n`).join("")
    expect(isSaid("x.yaml", `trainer: {}\nmodel:\n${strange}`)).toBe(true)
  })

  test("configurations with values changed and characters cut", () => {
    for (const [source, text, separator] of [
      ["x.toml", toml, " = "],
      ["x.yaml", yaml, ": "]
    ] as const)
      for (let round = 0; round < 400; round++) {
        const lines = text.split("\n")
        const at = below(lines.length)
        const [key = ""] = (lines[at] ?? "").split(separator)
        lines[at] = draw() < 0.8 ? `${key}${separator}${pick(values)}` : (lines[at] ?? "").slice(0, below(20))
        expect(isSaid(source, lines.join("\n")), lines.join("\n")).toBe(true)
      }
  })
})
