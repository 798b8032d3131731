/**
 * The built viewer. An installed package has it beside the program. A checkout builds it on first use, in some seconds,
 * and keeps it under node_modules/.cache by a hash of all its sources, so that what is there is never stale.
 */
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { stripVTControlCharacters } from "node:util"

/** The folder with index.html, single.html and assets/; or why there is none. */
export type BuiltViewer = { readonly folder: string } | { readonly failure: string }

const isCompiled = import.meta.url.endsWith(".js")
const compiledFolder = fileURLToPath(new URL("../web/", import.meta.url))
const root = fileURLToPath(new URL("../../", import.meta.url))

let known: BuiltViewer | undefined

export const builtViewer = (): BuiltViewer => {
  known ??= isCompiled ? beside() : cached()
  return known
}

const beside = (): BuiltViewer =>
  existsSync(join(compiledFolder, "index.html"))
    ? { folder: compiledFolder }
    : { failure: `the package is incomplete: ${compiledFolder} is missing` }

const cached = (): BuiltViewer => {
  const vite = join(root, "node_modules", "vite", "bin", "vite.js")
  if (!existsSync(vite)) return { failure: "the viewer is not built, and vite, which builds it, is not installed" }
  const cache = join(root, "node_modules", ".cache", "windtunnel")
  const folder = join(cache, `web-${hashOfSources()}`)
  if (existsSync(folder)) return { folder }
  try {
    mkdirSync(cache, { recursive: true })
    return withLock(`${folder}.lock`, () => (existsSync(folder) ? { folder } : build(vite, cache, folder)))
  } catch (error) {
    return { failure: `the viewer cannot be built: ${error instanceof Error ? error.message : String(error)}` }
  }
}

const hashOfSources = (): string => {
  const files = globSync("{web/**/*,src/**/*.{ts,json},scenarios/**/*.yaml,package-lock.json}", { cwd: root })
  const hash = createHash("sha256")
  for (const file of files.sort()) {
    const path = join(root, file)
    if (statSync(path).isFile()) hash.update(file).update("\0").update(readFileSync(path)).update("\0")
  }
  return hash.digest("hex").slice(0, 16)
}

const build = (vite: string, cache: string, folder: string): BuiltViewer => {
  const temporary = `${folder}.${process.pid}.tmp`
  const args = ["build", "--config", join("web", "vite.config.ts"), "--outDir", temporary, "--logLevel", "error"]
  // Seconds in which nothing else is said; whoever watches is told why.
  const isWatched = process.stderr.isTTY
  if (isWatched) process.stderr.write("building the viewer, once")
  const { status, stderr, error } = spawnSync(process.execPath, [vite, ...args], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, NODE_ENV: "production" }
  })
  if (isWatched) process.stderr.write("\r\u001b[K")
  if (status !== 0 || error !== undefined) {
    rmSync(temporary, { recursive: true, force: true })
    return { failure: `the viewer cannot be built: ${error?.message ?? reasonIn(stderr)}` }
  }
  removeOld(cache)
  renameSync(temporary, folder)
  return { folder }
}

/** What went wrong, of all that vite prints. */
const reasonIn = (printed: string): string => {
  const lines = stripVTControlCharacters(printed)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/build failed|error during build/i.test(line))
  return lines.find((line) => /error/i.test(line)) ?? lines[0] ?? "vite failed"
}

const day = 86_400_000

/** Builds of sources that have changed since. */
const removeOld = (cache: string): void => {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name)
    if (name.startsWith("web-") && Date.now() - statSync(path).mtimeMs > day)
      rmSync(path, { recursive: true, force: true })
  }
}

const patience = 120_000

/** One process builds, others wait for it; a lock of a process that died is taken over after two minutes. */
const withLock = <A>(lock: string, body: () => A): A => {
  const since = Date.now()
  for (;;) {
    try {
      mkdirSync(lock)
      break
    } catch {
      if (Date.now() - since > patience) break
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
    }
  }
  try {
    return body()
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}
