/** The documents tell the truth: commands, files and code that they show exist and work. */
import { existsSync, globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { inFolder, windtunnel } from "./cli/command-line.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
const documents = globSync("{README,src/README,scenarios/README,docs/*}.md", { cwd: root })
const textOf = (document: string): string => readFileSync(join(root, document), "utf8")

/** Blocks of a language in a document. */
const blocks = (text: string, language: string): readonly string[] =>
  [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, name, body]) =>
    name === language ? [body ?? ""] : []
  )

/** Command lines of a text's shell blocks, without comments, one command each. */
const commands = (text: string): readonly string[] =>
  blocks(text, "sh")
    .flatMap((block) => block.replaceAll(/\\\n\s*/g, " ").split(/\n|&&/))
    .map((line) => line.replace(/(?:^|\s)#.*$/, "").trim())
    .filter((line) => line !== "")

/** Arguments after `windtunnel`, as a shell splits them. */
const words = (command: string): readonly string[] =>
  [...command.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replaceAll(/["']/g, ""))

interface Shown {
  readonly command: string
  /** The document shows how the command is refused. */
  readonly refused: boolean
}

/** Commands in transcripts, which are blocks without a language; loops and expansions are a shell's business. */
const transcripts = (text: string): readonly Shown[] =>
  blocks(text, "").flatMap((block) =>
    [...block.matchAll(/^\$ (windtunnel [^|{}>\n]*)$/gm)].map(([, command]) => ({
      command: (command ?? "").trim(),
      refused: block.includes("did you mean")
    }))
  )

const windtunnelCommands = [
  ...new Map(
    documents
      .map(textOf)
      .flatMap((text) => {
        const typed = commands(text).map((command) => ({ command: command.replace(/^npx /, ""), refused: false }))
        return typed.concat(transcripts(text))
      })
      .filter(({ command }) => command.startsWith("windtunnel "))
      .map((shown) => [shown.command, shown])
  ).values()
]

/** Commands that take minutes or end with Ctrl+C, or that read files of the reader's own. */
const shownOnly = (args: readonly string[]): boolean =>
  args[0] === "calibrate" || args[0] === "validate" || args[0] === "view" || args.some((word) => /\bmine\b/.test(word))

describe("the documents", () => {
  test("are there, with the commands that a newcomer types", () => {
    expect(documents).toEqual(
      expect.arrayContaining(["README.md", "docs/methods.md", "scenarios/README.md", "src/README.md"])
    )
    expect(commands(textOf("README.md")).slice(0, 4)).toEqual(["npm ci", "npm start", "npm ci", "npm test"])
    expect(windtunnelCommands.length).toBeGreaterThan(5)
  })

  test("name npm scripts that exist", () => {
    const named = documents.flatMap((document) =>
      [...textOf(document).matchAll(/npm run (?:-s )?([a-z]+)/g)].map(([, script]) => script)
    )
    expect(named.filter((script) => !Object.hasOwn(manifest.scripts, script ?? ""))).toEqual([])
  })

  test.each(documents)("%s names files that exist", (document) => {
    const named = [...textOf(document).matchAll(/`((?:[\w.-]+\/)+[\w.-]*)`/g)].map(([, path]) => path ?? "")
    const beside = join(root, dirname(document))
    const missing = named.filter(
      (path) => !/^(?:runs|https?:)/.test(path) && ![root, beside].some((base) => existsSync(join(base, path)))
    )
    expect(missing.filter((path) => /\.\w+$|\/$/.test(path))).toEqual([])
  })

  test.each(documents)("%s links to what exists", (document) => {
    const links = [...textOf(document).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) => path ?? "")
    expect(links.filter((path) => !existsSync(join(root, dirname(document), path)))).toEqual([])
  })
})

describe("commands in the documents", () => {
  test.each(windtunnelCommands)("$command", async ({ command, refused }) => {
    const args = words(command).slice(1)
    if (shownOnly(args)) {
      const help = await windtunnel(args[0] ?? "", "--help")
      expect(help.status).toBe(0)
      for (const flag of args.filter((word) => word.startsWith("--"))) expect(help.stdout).toContain(flag)
      return
    }
    await inFolder(async (folder) => {
      const place = args.map((word) => (word.startsWith("runs/") ? join(folder, word) : word))
      const ended = await windtunnel(...place)
      // What does not fit is also shown, with the advice that it ends in.
      expect(refused ? [2] : [0, 1], ended.stderr).toContain(ended.status)
    })
  })
})
