/** `npm run pictures`: makes docs/pictures anew, with the Node of the lock file, which reads the TypeScript that does it. */
import { spawnSync } from "node:child_process"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { lockedNode } from "../bin/locked-node.mjs"

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const isNew = Number(process.versions.node.split(".")[0]) >= 24
const node = isNew ? process.execPath : (lockedNode(root) ?? process.execPath)
const { status } = spawnSync(node, [join(root, "test", "browser", "pictures.ts")], { cwd: root, stdio: "inherit" })
process.exitCode = status ?? 1
