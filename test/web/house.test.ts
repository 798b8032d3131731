/** The rules of web/: what may import what, and what the built page weighs and allows. */
import { createHash } from "node:crypto"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { describe, expect, test } from "vitest"
import { dataMark } from "../../src/cli/timeline-page.ts"
import { builtViewer } from "../../src/cli/viewer-build.ts"

const web = fileURLToPath(new URL("../../web/", import.meta.url))
const files = globSync("**/*.ts", { cwd: web }).map((path) => path.replaceAll("\\", "/"))
const importsOf = (file: string): readonly string[] =>
  [...readFileSync(join(web, file), "utf8").matchAll(/\bfrom "([^"]+)"/g)].map(([, name]) => name ?? "")

describe("web/", () => {
  test("takes of the sources what a room offers", () => {
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((name) => name.includes("/src/") && !/\/src\/[\w-]+\/index\.ts$/.test(name))
        .map((name) => `${file}: ${name}`)
    )
    expect(wrong).toEqual([])
    expect(files.length).toBeGreaterThan(40)
  })

  test("has geometry and models that know no page, so that they can be tested without one", () => {
    const allowed = { base: /^\.\/|\/src\//, model: /^\.\/|\/src\/|^\.\.\/base\// }
    for (const [folder, pattern] of Object.entries(allowed))
      for (const file of files.filter((path) => path.startsWith(`${folder}/`))) {
        for (const name of importsOf(file)) expect(name, file).toMatch(pattern)
        expect(readFileSync(join(web, file), "utf8"), file).not.toMatch(
          /\bdocument\.|HTMLElement|\bwindow\.(?!start|end)\w+\(/
        )
      }
  })
})

describe("the built page", () => {
  const viewer = builtViewer()
  const folder = "folder" in viewer ? viewer.folder : ""
  const read = (name: string): string => readFileSync(join(folder, name), "utf8")

  // The simulator itself, in its own file, is more than 150 KB: two simulators, their catalogue, YAML and its checks.
  test("weighs at most 75 KB packed; the simulator, at most 315 KB, comes when it is wanted", () => {
    expect(viewer).toEqual({ folder })
    const assets = globSync("assets/*", { cwd: folder })
    const packed = (pattern: RegExp): number =>
      assets.filter((name) => pattern.test(name)).reduce((sum, name) => sum + gzipSync(read(name)).length, 0)
    expect(assets).toHaveLength(3)
    expect(packed(/index/)).toBeGreaterThan(10_000)
    expect(packed(/index/) + gzipSync(read("index.html")).length).toBeLessThan(75_000)
    expect(packed(/worker/)).toBeLessThan(315_000)
    // Neither the schema library nor the YAML reader is in the page, nor where the catalogue's facts were read in the worker.
    const script = read(assets.find((name) => /index.*\.js$/.test(name)) ?? "")
    expect(/~effect\/|yaml\.org/.test(script)).toBe(false)
    // Nor d3's names of colours, which no scale of the viewer mixes.
    expect(script.includes("rebeccapurple")).toBe(false)
    const worker = read(assets.find((name) => /worker/.test(name)) ?? "")
    expect(worker.includes("a100-sxm-80gb")).toBe(true)
    expect(worker.includes("its tables cite the vendors")).toBe(false)
    // What simulates resources is in it; what plans fleets and draws reports is not.
    expect(worker.includes("comes next with")).toBe(true)
    expect(/text-anchor|Goals: /.test(worker)).toBe(false)
  })

  test("in a single file allows its own script and style by their hashes, and nothing else", () => {
    const page = read("single.html")
    const [, policy = ""] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? []
    const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`
    const [, script = ""] = /<script type="module">([^]*?)<\/script>/.exec(page) ?? []
    const [, style = ""] = /<style>([^]*?)<\/style>/.exec(page) ?? []
    expect(script.length).toBeGreaterThan(10_000)
    expect(policy).toBe(
      `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; worker-src blob:; ` +
        "connect-src 'none'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    expect(page.split(dataMark)).toHaveLength(2)
    expect(page).not.toMatch(/<(?:script|link|img)[^>]*(?:src|href)="(?!data:)/)
  })
})
