/**
 * The catalogue without where its facts were read: the browser computes with the facts and shows none of their sources,
 * which `windtunnel catalog` and docs/ have. Notes and sources of entries go, and of fitted constants how well they fit.
 */
import type { Plugin } from "vite"

const entries = /src\/catalog\/(?:accelerators|links|models|serving-stacks|stacks|systems|quantisations)\b.*\.ts$/
const constants = /src\/catalog\/constants\/[\w-]+\.json$/

/** Fields of entries, and what stands for them. */
const emptied: Readonly<Record<string, string>> = { notes: "[]", sources: "{}" }
const fitOnly = new Set(["interval", "points", "residual"])

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
}
const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && "start" in value

/** Places of the values to empty, in the order of the text. */
const placesIn = (node: Node): readonly (readonly [start: number, end: number, text: string])[] => {
  const { key, value } = node as { readonly key?: { readonly name?: string }; readonly value?: Node }
  const text = node.type === "Property" ? emptied[key?.name ?? ""] : undefined
  if (text !== undefined && (value?.type === "ArrayExpression" || value?.type === "ObjectExpression"))
    return [[value.start, value.end, text]]
  return Object.values(node)
    .flatMap((inner: unknown) => (Array.isArray(inner) ? inner : [inner]))
    .filter(isNode)
    .flatMap(placesIn)
}

export const leanCatalog = (): Plugin => ({
  name: "windtunnel-lean-catalog",
  transform: {
    filter: { id: entries },
    handler(code) {
      let lean = ""
      let at = 0
      for (const [start, end, text] of placesIn(this.parse(code))) {
        lean += code.slice(at, start) + text
        at = end
      }
      return { code: lean + code.slice(at), map: null }
    }
  }
})

/** Before the bundler reads them as modules. */
export const leanConstants = (): Plugin => ({
  name: "windtunnel-lean-constants",
  enforce: "pre",
  transform: {
    filter: { id: constants },
    handler: (code) => ({
      code: JSON.stringify(JSON.parse(code), (key, value: unknown) => (fitOnly.has(key) ? undefined : value)),
      map: null
    })
  }
})
