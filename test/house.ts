/**
 * The rules of the house, as a function of the source files: what may import what. The floors are read from the table in
 * src/README.md, so that the map and the rule cannot differ.
 */
import { posix } from "node:path"

/** Source text by path below `src`, with slashes: `engine/event-queue.ts`. */
export type Sources = ReadonlyMap<string, string>

export type Floors = ReadonlyMap<string, number>

interface Import {
  readonly file: string
  readonly line: number
  readonly specifier: string
  /** Path below `src` that a relative import means. */
  readonly target?: string
}

/** Rooms that may use Node and its packages. */
const edges: readonly string[] = ["cli"]

/** Rows such as "| 4 | `kernels` | seconds of an operator |". */
export const floorsOf = (readme: string): Floors =>
  new Map(
    [...readme.matchAll(/^\| *(\d+) *\| *`([\w.]+)` *\|/gm)].map(([, floor, room]) => [room ?? "", Number(floor)])
  )

/** The room of a file; the library's `index.ts` at the top of `src` is a room by itself. */
const roomOf = (path: string): string => path.split("/")[0] ?? ""

const statement =
  /^[ \t]*(?:import|export)\b[^"'`;=]*?\bfrom\s*["']([^"']+)["']|^[ \t]*import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm

const importsOf = (file: string, text: string): readonly Import[] => {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, " "))
  return [...code.matchAll(statement)].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? ""
    const line = code.slice(0, match.index + match[0].lastIndexOf(specifier)).split("\n").length
    return specifier.startsWith(".")
      ? { file, line, specifier, target: posix.normalize(posix.join(posix.dirname(file), specifier)) }
      : { file, line, specifier }
  })
}

const complain = ({ file, line, specifier }: Import, why: string): string =>
  `src/${file}:${line} imports "${specifier}": ${why}`

const wrong = (found: Import, sources: Sources, floors: Floors): string | undefined => {
  const { file, specifier, target } = found
  const room = roomOf(file)
  if (target === undefined)
    return !edges.includes(room) && /^(?:node:|@effect\/platform-node)/.test(specifier)
      ? complain(found, `${room} runs in a browser too; only ${edges.join(", ")} may use Node`)
      : undefined
  if (target.startsWith("..")) return complain(found, "the sources need nothing outside of src")
  if (!sources.has(target)) return complain(found, "there is no such file")
  const wanted = roomOf(target)
  if (wanted === room) return undefined
  const [own, other] = [floors.get(room) ?? Number.NaN, floors.get(wanted) ?? Number.NaN]
  if (!(other < own))
    return complain(found, `${room} stands on floor ${own}, ${wanted} on ${other}; imports go down only`)
  if (target !== `${wanted}/index.ts`)
    return complain(found, `a private file; ${wanted}/index.ts is what ${wanted} offers`)
  return undefined
}

/** Circles of files that import each other, each written once. */
const circles = (imports: readonly Import[]): readonly string[] => {
  const targets = Map.groupBy(imports, ({ file }) => file)
  const done = new Set<string>()
  const found: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file)
    if (start >= 0) found.push(`a circle: ${[...path.slice(start), file].map((name) => `src/${name}`).join(" -> ")}`)
    if (start >= 0 || done.has(file)) return
    for (const { target } of targets.get(file) ?? []) if (target !== undefined) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of targets.keys()) visit(file, [])
  return found
}

/** Everything in the sources that breaks the rules, one sentence each. */
export const violations = (sources: Sources, floors: Floors): readonly string[] => {
  const rooms = new Set([...sources.keys()].map(roomOf))
  const imports = [...sources].filter(([file]) => file.endsWith(".ts")).flatMap(([file, text]) => importsOf(file, text))
  return [
    ...[...rooms].filter((room) => !floors.has(room)).map((room) => `src/${room} has no floor in src/README.md`),
    ...[...floors.keys()]
      .filter((room) => !rooms.has(room))
      .map((room) => `src/README.md names ${room}, which is not there`),
    ...[...rooms]
      .filter((room) => !room.endsWith(".ts") && !sources.has(`${room}/index.ts`))
      .map((room) => `src/${room} has no index.ts`),
    ...imports.flatMap((found) => wrong(found, sources, floors) ?? []),
    ...circles(imports)
  ]
}
