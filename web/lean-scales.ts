/**
 * d3's scales without what only scales of colours and d3's own tick texts need: the viewer's scales go from numbers to
 * pixels, and `charts` writes its ticks itself. Of 17 KB of d3 packed that leaves 9.
 */
import type { Plugin } from "vite"

/** Numbers as d3-interpolate has them, to the bit. */
const interpolation = `
const number = (from, to) => ((from = +from), (to = +to), (share) => from * (1 - share) + to * share)
export const interpolateNumber = number
export const interpolate = number
export const interpolateRound = (from, to) => ((from = +from), (to = +to), (share) => Math.round(from * (1 - share) + to * share))
const absent = () => { throw new Error("the viewer has no piecewise scales") }
export const piecewise = absent
`

const formats = `
const absent = () => { throw new Error("the viewer writes its ticks without d3-format") }
export const format = absent
export const formatPrefix = absent
export const formatSpecifier = absent
export const precisionFixed = absent
export const precisionPrefix = absent
export const precisionRound = absent
`

const modules: Readonly<Record<string, string>> = { "d3-interpolate": interpolation, "d3-format": formats }

export const leanScales = (): Plugin => ({
  name: "windtunnel-lean-scales",
  enforce: "pre",
  resolveId: {
    filter: { id: /^d3-(?:interpolate|format)$/ },
    handler: (id, importer) => (importer?.includes("/d3-scale/") === true ? `\0lean:${id}` : undefined)
  },
  load: {
    filter: { id: /^\0lean:/ },
    handler: (id) => ({ code: modules[id.slice("\0lean:".length)] ?? "", moduleSideEffects: false })
  }
})
