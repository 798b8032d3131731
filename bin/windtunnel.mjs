#!/usr/bin/env node
// Starts the command line under a Node that can run it. Plain old JavaScript: the shell's own Node may be any since 16.
import { spawn } from "node:child_process"
import { existsSync, realpathSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { lockedNode } from "./locked-node.mjs"

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/**
 * `npm run windtunnel -- run FILE` starts in the package's folder, wherever it was typed. What follows the `--` was
 * typed there: its paths are relative to that folder. Other scripts of npm hold paths of their own and stay.
 */
const typedFolder = ({ npm_lifecycle_event: event, npm_package_json: manifest, INIT_CWD: folder }) =>
  event === "windtunnel" && isOurs(manifest) && folder && existsSync(folder) ? folder : undefined

const isOurs = (manifest) => existsSync(manifest ?? "") && realpathSync(manifest) === join(root, "package.json")

const [major, minor] = process.versions.node.split(".").map(Number)

// A checkout runs its sources; Node strips no types below node_modules, so the package carries compiled files.
const source = join(root, "src", "cli", "main.ts")
const compiled = join(root, "dist", "cli", "main.js")
const installed = /[\\/]node_modules[\\/]/.test(root)
const entry = !installed && existsSync(source) ? source : compiled

const refuse = (message) => {
  console.error(`windtunnel: ${message}`)
  process.exitCode = 2
}

const runHere = () => import(pathToFileURL(entry).href)

const tooOld = () =>
  refuse(
    `needs Node 22.18 or newer, this is ${process.versions.node}; ` +
      "`npm install` brings its own unless optional dependencies are left out"
  )

const recent = major > 22 || (major === 22 && minor >= 18)

const runUnder = (node) => {
  const child = spawn(node, [entry, ...process.argv.slice(2)], { stdio: "inherit" })
  const forward = (signal) => child.kill(signal)
  // A terminal sends its interrupt to the child as well; from anywhere else it has to be handed on.
  const interrupt = () => (process.stdin.isTTY ? undefined : child.kill("SIGINT"))
  process.on("SIGINT", interrupt)
  process.on("SIGTERM", forward)
  process.on("SIGHUP", forward)
  child.on("error", () => (recent ? runHere() : tooOld()))
  child.on("exit", (code, signal) => {
    process.off("SIGINT", interrupt)
    process.off("SIGTERM", forward)
    process.off("SIGHUP", forward)
    if (signal === null) process.exitCode = code
    else process.kill(process.pid, signal)
  })
}

const folder = typedFolder(process.env)
if (folder !== undefined) process.chdir(folder)

if (!existsSync(entry)) refuse(`the package is incomplete: ${entry} is missing`)
else if (major >= 24) await runHere()
else {
  const node = lockedNode(root)
  if (node !== undefined) runUnder(node)
  else if (recent) await runHere()
  else tooOld()
}
