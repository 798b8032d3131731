/** The package as its users get it: packed, installed into an empty folder, run, imported and type-checked there. */
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { predictServing, shippedLogRows, shippedMeasurementSet } from "../../src/validation/index.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "windtunnel-package-"))
const home = join(folder, "home")

/** What this test run has set for itself; the machine's own settings, such as a registry or a certificate, stay. */
const ours = /^(?:npm_(?!config_)|npm_config_local_prefix$|INIT_CWD$|NODE_OPTIONS$|NODE_ENV$|VITEST)/

const run = (cwd: string, command: string, ...args: readonly string[]) => {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)))
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env,
    encoding: "utf8",
    maxBuffer: 2 ** 28
  })
  return { status, stdout, stderr: `${stderr}${error === undefined ? "" : error.message}` }
}

const inHome = (command: string, ...args: readonly string[]) => run(home, command, ...args)
/** The command that npm has linked, without npx around it. */
const windtunnel = (...args: readonly string[]) => inHome(join(home, "node_modules", ".bin", "windtunnel"), ...args)
const write = (name: string, text: string) => writeFileSync(join(home, name), text)

/** Where the validation is, from home. */
const dist = "node_modules/windtunnel-sim/dist/validation"

const installed = () =>
  readdirSync(join(home, "node_modules", "windtunnel-sim"), { recursive: true, encoding: "utf8" }).filter(
    (path) => !path.startsWith("node_modules")
  )

beforeAll(() => {
  mkdirSync(home)
  const packed = run(root, "npm", "pack", "--silent", "--pack-destination", folder)
  expect(packed.status, packed.stderr).toBe(0)
  const file = packed.stdout.trim().split("\n").at(-1) ?? ""
  write("package.json", JSON.stringify({ name: "home", private: true, type: "module" }))
  const quiet = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"]
  const install = inHome("npm", "install", ...quiet, join(folder, file))
  expect(install.status, install.stderr).toBe(0)
}, 180_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("the installed package", () => {
  test("holds JavaScript with declarations, scenarios and documents, and nothing of the workshop", () => {
    const files = installed()
    expect(files).toEqual(
      expect.arrayContaining([
        "README.md",
        "LICENSE",
        join("bin", "windtunnel.mjs"),
        join("dist", "index.js"),
        join("dist", "index.d.ts"),
        join("dist", "catalog", "constants", "fitted.json"),
        join("dist", "web", "index.html"),
        join("dist", "web", "single.html"),
        join("scenarios", "bloom-176b.yaml")
      ])
    )
    // Node strips no types below node_modules: only scenario scripts, whose types the command line strips itself.
    expect(files.filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts")).toSorted()).toEqual([
      join("scenarios", "batching-policy.ts"),
      join("scenarios", "custom-schedule.ts")
    ])
    expect(files.filter((path) => /^(?:src|test|web|\.ci|\.npmrc)/.test(path))).toEqual([])
  })

  test("runs a shipped scenario and one of the user's", () => {
    const shipped = inHome("npx", "windtunnel", "run", "bloom-176b", "--json")
    expect(shipped.status, shipped.stderr).toBe(0)
    expect(JSON.parse(shipped.stdout).result.iterationSeconds).toBeGreaterThan(100)
    write("mine.yaml", scenarioText)
    const own = windtunnel("run", "mine.yaml")
    expect(own.status, own.stderr).toBe(0)
    expect(own.stdout).toContain("iteration")
  })

  test("writes a timeline that opens by itself", () => {
    const kept = windtunnel("run", "bloom-176b", "--out", "kept")
    expect(kept.status, kept.stderr).toBe(0)
    const page = readFileSync(join(home, "kept", "timeline.html"), "utf8")
    expect(page).toContain('data-name="trace.windtunnel"')
    expect(page).toContain("Content-Security-Policy")
  })

  test("takes a scenario script which imports it", () => {
    write(
      "mine.ts",
      `import { Scenario } from "windtunnel-sim"\nexport default Scenario.make(${JSON.stringify(scenario)})\n`
    )
    const ended = windtunnel("run", "mine.ts", "--json")
    expect(ended.status, ended.stderr).toBe(0)
    expect(JSON.parse(ended.stdout).scenario.training.globalBatch).toBe(32)
  })

  test("validates with the measurements that it ships", () => {
    const ended = windtunnel("validate", "--json", "--measurements", join(dist, "data", "bigscience-prequel.json"))
    expect(ended.status, ended.stderr).toBe(0)
    expect(JSON.parse(ended.stdout).points.length).toBeGreaterThan(100)
  })

  test("has all measurements and logs of the sources, read as validate reads them", async () => {
    write("measurements.js", measurementsScript)
    const ended = inHome(process.execPath, "measurements.js")
    expect(ended.status, ended.stderr).toBe(0)
    const [set, logs] = [await shippedMeasurementSet(), await shippedLogRows(predictServing)]
    expect(set.training.length + set.inference.length).toBeGreaterThan(1000)
    expect(JSON.parse(ended.stdout)).toEqual(JSON.parse(JSON.stringify([set, logs])))
  })

  test("simulates from JavaScript, and refuses with a message rather than a throw", () => {
    write("simulate.js", libraryScript)
    const ended = inHome(process.execPath, "simulate.js")
    expect(ended.status, ended.stderr).toBe(0)
    const [seconds, refusal, accelerators] = JSON.parse(ended.stdout)
    expect(seconds).toBeGreaterThan(0)
    expect(refusal).toContain("model")
    expect(accelerators).toBeGreaterThan(10)
  })

  test("does what the README shows of the library", () => {
    const [, block] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, "README.md"), "utf8")) ?? []
    expect(block).toContain("windtunnel-sim")
    write("readme.ts", block ?? "")
    const compiled = compile("readme.ts")
    expect(compiled.status, compiled.stdout).toBe(0)
    const ended = inHome(process.execPath, "readme.ts")
    expect(ended.status, ended.stderr).toBe(0)
    expect(ended.stdout).toMatch(/^\d+\.\d+/)
  })

  test("brings its types, which hold in strict mode", () => {
    write("simulate.ts", libraryScript)
    write("wrong.ts", `import { simulate } from "windtunnel-sim"\nsimulate({ model: "bloom-176b" })\n`)
    const right = compile("simulate.ts")
    expect(right.status, right.stdout).toBe(0)
    const wrong = compile("wrong.ts")
    expect(wrong.stdout).toContain("cluster")
    expect(wrong.status).not.toBe(0)
  })

  test("says the version of its manifest", () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
    expect(windtunnel("--version").stdout).toContain(version)
  })
})

const scenario = {
  cluster: { system: "dgx-a100", nodes: 1 },
  model: "gpt3-1.3b",
  training: { parallelism: { tensor: 2 }, globalBatch: 32, sequenceLength: 2048 }
}

const scenarioText = `cluster: { system: dgx-a100, nodes: 1 }
model: gpt3-1.3b
training: { parallelism: { tensor: 2 }, globalBatch: 32, sequenceLength: 2048 }
`

/** Valid as JavaScript and as strict TypeScript. */
const libraryScript = `import { accelerators, formatIssue, isRefused, simulate } from "windtunnel-sim"
const base = ${JSON.stringify(scenario)}
const outcome = simulate(base)
const refused = simulate({ ...base, model: "no-such-model" })
console.log(
  JSON.stringify([
    isRefused(outcome) ? 0 : outcome.iterationSeconds,
    isRefused(refused) ? refused.issues.map(formatIssue).join("\\n") : "",
    accelerators.length
  ])
)
`

/** No part of the library: the command's own. */
const measurementsScript = `import { predictServing, shippedLogRows, shippedMeasurementSet } from "./${dist}/index.js"
console.log(JSON.stringify([await shippedMeasurementSet(), await shippedLogRows(predictServing)]))
`

const compile = (file: string) =>
  inHome(process.execPath, join(root, "node_modules", "typescript", "bin", "tsc"), ...strict, file)

const strict = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--module", "nodenext", "--target", "es2024"]
