/**
 * The scenarios that come with the product, by name: their path below scenarios/ without the extension.
 */
import { existsSync, readdirSync } from "node:fs"
import { extname, relative, resolve, sep } from "node:path"
import { fileURLToPath } from "node:url"
import { wrapped } from "./wrapping.ts"

const folder = fileURLToPath(new URL("../../scenarios/", import.meta.url))
const extensions = [".yaml", ".ts"]

const isScenario = (file: string): boolean => extensions.includes(extname(file))
const nameOf = (file: string): string => file.slice(0, -extname(file).length).replaceAll(sep, "/")

/** Names in alphabetical order. */
export const shippedNames = (): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(isScenario).map(nameOf).sort()
    : []

/** The file of a shipped scenario, or undefined. */
export const shippedFile = (name: string): string | undefined =>
  shippedNames().includes(name)
    ? extensions.map((extension) => `${folder}${name}${extension}`).find((file) => existsSync(file))
    : undefined

/** The shortest words for a file: the name of a shipped scenario, else the path as it was given. */
export const shortName = (file: string): string => {
  const inside = relative(folder, resolve(file))
  return !inside.startsWith("..") && isScenario(inside) && existsSync(resolve(file)) ? nameOf(inside) : file
}

/** The names in lines of 80 columns, those of a folder after its name. */
export const shippedList = (): string => {
  const groups = new Map<string, string[]>()
  for (const name of shippedNames()) {
    const [first = "", second] = name.split("/", 2)
    const group = second === undefined ? "" : `${first}/`
    groups.set(group, [...(groups.get(group) ?? []), name.slice(group.length)])
  }
  return [...groups]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([group, names]) =>
      group === "" ? wrapped(names, "  ", 76) : [group].concat(wrapped(names, "  ", 74).map((line) => `  ${line}`))
    )
    .map((line) => `    ${line}`)
    .join("\n")
}
