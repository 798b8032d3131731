/**
 * `npm test`: type check, lint, format and the tests, with the Node of the lock file, whatever Node the machine has.
 * The last line is `N passed, N failed`. Arguments name the steps to run: types, lint, format, tests, bench; default all
 * but bench.
 */
import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { lockedNode } from "../bin/locked-node.mjs"

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const code = "{bin,src,web,test,scenarios}/**/*.{ts,mjs}"
const resolve = createRequire(import.meta.url).resolve

/** The tools of the lock file are scripts; their package.json says where. */
const toolPath = (name, binary = name) => {
  const manifest = resolve(`${name}/package.json`)
  const { bin } = JSON.parse(readFileSync(manifest, "utf8"))
  return join(dirname(manifest), typeof bin === "string" ? bin : bin[binary])
}

const node =
  Number(process.versions.node.split(".")[0]) >= 24 ? process.execPath : (lockedNode(root) ?? process.execPath)

const run = (tool, args, output) =>
  spawnSync(node, [tool, ...args], { cwd: root, encoding: "utf8", stdio: ["ignore", output, output] })

/** A step that passes or fails as a whole and speaks only when it fails. */
const check = (tool, args) => () => {
  const { status, stdout, stderr, error } = run(tool(), args, "pipe")
  if (status === 0) return { passed: 1, failed: 0 }
  process.stdout.write(`${stdout ?? ""}${stderr ?? ""}${error === undefined ? "" : `${error.message}\n`}`)
  return { passed: 0, failed: 1 }
}

const both = (first, second) => () => {
  const [one, other] = [first(), second()]
  return { passed: one.passed + other.passed, failed: one.failed + other.failed }
}

/** Counts what the tests' own report says. A skipped test counts as failed: nobody would see it otherwise. */
const countTests = (file, status) => {
  if (!existsSync(file)) return { passed: 0, failed: 1 }
  const report = JSON.parse(readFileSync(file, "utf8"))
  const skipped = report.numPendingTests + report.numTodoTests
  const unread = report.testResults.filter((suite) => suite.status === "failed" && suite.assertionResults.length === 0)
  if (skipped > 0) console.log(`${skipped} tests were skipped`)
  const failed = report.numFailedTests + skipped + unread.length
  return { passed: report.numPassedTests, failed: status === 0 ? failed : Math.max(1, failed) }
}

const vitest = (...args) => run(toolPath("vitest"), [...args, "--config", "test/vitest.config.ts"], "inherit").status

const tests = () => {
  const folder = mkdtempSync(join(tmpdir(), "windtunnel-test-"))
  const file = join(folder, "report.json")
  try {
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`]
    return countTests(file, vitest("run", "--allowOnly=false", ...reporters))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const bench = () => (vitest("bench", "--run") === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 })

const steps = {
  types: both(
    check(() => toolPath("typescript", "tsc"), []),
    // The viewer and its browser tests know the DOM; nothing else does.
    check(() => toolPath("typescript", "tsc"), ["-p", "web"])
  ),
  lint: check(
    () => toolPath("oxlint"),
    ["-c", "test/oxlint.json", "--type-aware", "bin", "src", "web", "test", "scenarios"]
  ),
  format: check(() => toolPath("oxfmt"), ["-c", "test/oxfmt.json", "--check", code]),
  tests,
  bench
}

const chosen = process.argv.length > 2 ? process.argv.slice(2) : ["types", "lint", "format", "tests"]
const total = { passed: 0, failed: 0 }
for (const name of chosen) {
  if (!Object.hasOwn(steps, name)) {
    console.error(`there is no step ${name}; expected ${Object.keys(steps).join(", ")}`)
    process.exit(2)
  }
  const start = Date.now()
  const { passed, failed } = steps[name]()
  total.passed += passed
  total.failed += failed
  console.log(`${failed === 0 ? "passed" : "FAILED"}  ${name}  ${((Date.now() - start) / 1000).toFixed(1)} s`)
}
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1
