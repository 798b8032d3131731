/**
 * Scenarios as scripts: what a TypeScript or JavaScript file exports as its default.
 *
 * A script may import "windtunnel-sim" wherever it lies: it gets the library of the program that runs it. A shipped
 * script is TypeScript below node_modules once the package is installed, where Node strips no types: they are stripped
 * here.
 */
import { readFileSync } from "node:fs"
import { registerHooks, stripTypeScriptTypes } from "node:module"
import { extname, resolve } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

/** This program's own library: src/index.ts in a checkout, dist/index.js in the package. */
const library = new URL(`../index${extname(import.meta.url)}`, import.meta.url).href

/** The default export of a script; undefined where it has none. */
export const importScript = async (file: string): Promise<unknown> => {
  hook()
  const script: unknown = await import(pathToFileURL(resolve(file)).href)
  return typeof script === "object" && script !== null && "default" in script ? script.default : undefined
}

let isHooked = false

const hook = (): void => {
  if (isHooked) return
  isHooked = true
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "windtunnel-sim" ? { url: library, shortCircuit: true } : next(specifier, context),
    load: (url, context, next) =>
      /[\\/]node_modules[\\/].*\.m?ts$/.test(url)
        ? { format: "module", source: withoutTypes(readFileSync(fileURLToPath(url), "utf8")), shortCircuit: true }
        : next(url, context)
  })
}

/** Without the warning that the function may change: it would stand in the middle of a summary. */
const withoutTypes = (source: string): string => {
  const warn = process.emitWarning.bind(process)
  process.emitWarning = () => undefined
  try {
    return stripTypeScriptTypes(source)
  } finally {
    process.emitWarning = warn
  }
}
