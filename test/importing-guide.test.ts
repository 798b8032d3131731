/** Every block of docs/importing.md is a file or a command of a session that works, and prints what it says. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { inFolder, windtunnel } from "./cli/command-line.ts"

const guide = readFileSync(new URL("../docs/importing.md", import.meta.url), "utf8")

interface Block {
  readonly language: string
  readonly body: string
  /** The line above. */
  readonly title: string
}

const blocks: readonly Block[] = [...guide.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(
  ({ 1: language = "", 2: body = "", index }) => ({
    title: guide.slice(0, index).trimEnd().split("\n").at(-1) ?? "",
    language,
    body
  })
)

const files = blocks.flatMap(({ title, body }) => {
  const name = /^\*\*mine\/([\w.-]+)\*\*$/.exec(title)?.[1]
  return name === undefined ? [] : [{ name, body }]
})

/** Commands in order, each with what is printed below its block. */
const commands = blocks.flatMap(({ language, body }, index) => {
  if (language !== "sh") return []
  const lines = body.trim().split("\n")
  const next = blocks[index + 1]
  const printed = next?.title === "prints" ? next.body : undefined
  return lines.map((line, at) => ({ line, printed: at === lines.length - 1 ? printed : undefined }))
})

/** Runs a session in a folder of its own that has the guide's files. */
const session = async <A>(body: (run: (line: string) => ReturnType<typeof windtunnel>, folder: string) => Promise<A>) =>
  inFolder(async (folder) => {
    mkdirSync(join(folder, "mine"))
    for (const { name, body } of files) writeFileSync(join(folder, "mine", name), body)
    const run = (line: string) =>
      windtunnel(
        ...line
          .split(" ")
          .slice(1)
          .map((word) => (word.startsWith("mine/") ? join(folder, word) : word))
      )
    return body(run, folder)
  })

describe("the guide of importing", () => {
  test("has files of every kind, and every block is a file, a command, an output, or Python of the reader's", () => {
    expect(files.map(({ name }) => name)).toEqual([
      "config.json",
      "train.sh",
      "ds.sh",
      "llama3_8b.toml",
      "nemo.yaml",
      "mpt-7b.yaml",
      "all-reduce.txt",
      "gemm.csv",
      "layer.json",
      "measured.yaml"
    ])
    const others = blocks.filter(
      ({ title, language }) => !title.startsWith("**mine/") && title !== "prints" && language !== "sh"
    )
    expect(others.map(({ language }) => language)).toEqual(["python"])
    expect(commands.filter(({ printed }) => printed !== undefined)).toHaveLength(3)
    expect(guide.match(/^```/gm)).toHaveLength(2 * blocks.length)
  })

  test("is a session: every command ends well and prints what stands below it", async () => {
    await session(async (run, folder) => {
      for (const { line, printed } of commands) {
        const { status, stdout, stderr } = await run(line)
        expect(status, `${line}\n${stderr}`).toBe(0)
        if (printed !== undefined) expect(stdout.replaceAll(`${folder}/`, "")).toBe(printed)
      }
    })
  })

  test("what is imported runs: each of the printed scenarios", async () => {
    await session(async (run, folder) => {
      for (const { line, printed = "" } of commands.filter((command) => /^name:/m.test(command.printed ?? ""))) {
        writeFileSync(join(folder, "mine", "printed.yaml"), printed)
        expect((await run("windtunnel run mine/printed.yaml")).status, line).toBe(0)
      }
    })
  })

  test("the measured tables are taken: two products and a collective, on top of the laws", async () => {
    await session(async (run) => {
      const of = async (...set: readonly string[]) => {
        const { stdout } = await run(["windtunnel run mine/measured.yaml --json", ...set].join(" "))
        return JSON.parse(stdout).result
      }
      const measured = await of()
      expect(measured.evidence.map(({ name }: { readonly name: string }) => name)).toContain(
        "allReduce of 2 ranks, sizes measured"
      )
      const withoutCollectives = await of("--set", "cluster.measuredCollectives=null")
      const withoutKernels = await of("--set", "training.kernels=null")
      expect(withoutCollectives.breakdown.exposed.tensor).not.toBe(measured.breakdown.exposed.tensor)
      expect(withoutCollectives.breakdown.compute.gemm).toBe(measured.breakdown.compute.gemm)
      expect(withoutKernels.breakdown.compute.gemm).not.toBe(measured.breakdown.compute.gemm)
      expect(withoutKernels.breakdown.exposed.tensor).toBe(measured.breakdown.exposed.tensor)
    })
  })
})
