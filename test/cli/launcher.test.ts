import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import customSchedule from "../../scenarios/custom-schedule.ts"
import type { ScenarioInput } from "../../src/scenario/index.ts"
import { version } from "../../src/cli/version.ts"
import { inFolder, small, write } from "./command-line.ts"

const launcher = fileURLToPath(new URL("../../bin/windtunnel.mjs", import.meta.url))
const launch = (...args: readonly string[]) => spawnSync(process.execPath, [launcher, ...args], { encoding: "utf8" })

test("the version is that of the package", () => {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))
  expect(version).toBe(manifest.version)
})

test("the command runs as a process of its own, with its exit status", async () => {
  await inFolder(async (folder) => {
    const file = write(folder, "small.yaml", small)
    const good = launch("run", file, "--json")
    expect(good.status).toBe(0)
    expect(JSON.parse(good.stdout).result.kind).toBe("training")
    const wrong = launch("run", file, "--set", "model=nothing")
    expect(wrong.status).toBe(2)
    expect(wrong.stdout).toBe("")
    expect(wrong.stderr).toContain("there is no model")
  })
})

describe("npm run windtunnel from another folder", () => {
  const root = dirname(dirname(launcher))
  const launchByNpm = (typedIn: string, event: string, ...args: readonly string[]) =>
    spawnSync(process.execPath, [launcher, ...args], {
      encoding: "utf8",
      cwd: root,
      env: {
        ...process.env,
        INIT_CWD: typedIn,
        npm_lifecycle_event: event,
        npm_package_json: join(root, "package.json"),
        npm_package_name: "windtunnel-sim"
      }
    })

  test("takes paths as they were typed there, for reading and for writing", async () => {
    await inFolder(async (folder) => {
      write(folder, "mine.yaml", small)
      const { status, stdout } = launchByNpm(
        folder,
        "windtunnel",
        "run",
        "mine.yaml",
        "--out",
        "kept",
        "--trace",
        "off"
      )
      expect(status).toBe(0)
      expect(stdout).toContain("npm run -s windtunnel -- run mine.yaml --set ")
      expect(readdirSync(join(folder, "kept")).toSorted()).toEqual(["result.json", "scenario.json"])
    })
  })

  test("but the paths of other scripts are the package's own", async () => {
    await inFolder(async (folder) => {
      expect(launchByNpm(folder, "start", "run", "scenarios/small.yaml").status).toBe(0)
      expect(launchByNpm(folder, "windtunnel", "run", "scenarios/small.yaml").status).toBe(2)
    })
  })
})

describe("scenarios as scripts", () => {
  const script = `import { Scenario } from "windtunnel-sim"
export default Scenario.make({ cluster: { system: "dgx-a100" }, model: "bloom-560m", training: { globalBatch: 8 as number } })
`

  test("import the library of the program that runs them, wherever they are", async () => {
    await inFolder(async (folder) => {
      const { status, stdout, stderr } = launch("run", write(folder, "own.ts", script))
      expect(stderr).toBe("")
      expect(status).toBe(0)
      expect(stdout).toContain("8 x A100")
    })
  })

  test("are TypeScript below node_modules too, where the package's own are", async () => {
    await inFolder(async (folder) => {
      const below = join(folder, "node_modules", "windtunnel-sim", "scenarios")
      mkdirSync(below, { recursive: true })
      const { status, stderr } = launch("run", write(below, "own.ts", script))
      expect(stderr).toBe("")
      expect(status).toBe(0)
    })
  })

  test("are shipped by name, and need nothing but themselves", async () => {
    const shipped = new URL("../../scenarios/custom-schedule.ts", import.meta.url)
    expect(readFileSync(shipped, "utf8")).not.toMatch(/^import/m)
    const { status, stdout } = launch("run", "custom-schedule", "--json")
    expect(status).toBe(0)
    expect(JSON.parse(stdout).scenario.training.schedule.operations).toHaveLength(4)
    const checked: ScenarioInput = customSchedule
    expect(checked.training.parallelism).toEqual({ tensor: 8, pipeline: 4 })
  })
})

test("a reader that stops early is no error", async () => {
  const child = spawn(process.execPath, [launcher, "catalog", "--json"], { stdio: ["ignore", "pipe", "pipe"] })
  let said = ""
  child.stderr.on("data", (text: Buffer) => {
    said += text.toString()
  })
  child.stdout.once("data", () => child.stdout.destroy())
  const [status] = await once(child, "close")
  expect(status).toBe(0)
  expect(said).toBe("")
})
