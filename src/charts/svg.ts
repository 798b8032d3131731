/**
 * SVG and HTML as text that is safe by construction: an element's children are markup made here, or text that is escaped.
 */

/** Text that was made by `element` and needs no escaping. */
export interface Markup {
  readonly markup: string
}

export type Child = Markup | string | number | null | readonly Child[]

/** Longest text that a document shows; what is longer is cut, as a name of megabytes says no more. */
const longest = 2000

/** Characters that XML 1.0 has no place for, and lone surrogates. */
// oxlint-disable-next-line no-control-regex
const impossible = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g

/** Text as it may stand between tags and in attributes. */
export const escapeText = (text: string): string =>
  clipped(text)
    .replaceAll(impossible, "\uFFFD")
    .toWellFormed()
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;")

/** A text cut to a length, with three dots where something is missing. */
export const clipped = (text: string, most = longest): string =>
  text.length <= most ? text : `${text.slice(0, Math.max(0, most - 3))}...`

/** Coordinates and sizes with one decimal: enough for a picture, and the same on every machine. */
export const short = (value: number): string => {
  const rounded = Math.round(value * 10) / 10
  return String(rounded === 0 ? 0 : rounded)
}

export type Attributes = Readonly<Record<string, string | number | undefined>>

/** The line of a path may have thousands of points, and is no text of anyone else's. */
const attributeText = (name: string, value: string | number): string => {
  if (typeof value === "number") return short(value)
  return name === "d" && /^[\w\s.,-]*$/.test(value) ? value : escapeText(value)
}

const written = (attributes: Attributes): string =>
  Object.entries(attributes)
    .map(([name, value]) => (value === undefined ? "" : ` ${name}="${attributeText(name, value)}"`))
    .join("")

const inside = (child: Child): string => {
  if (child === null) return ""
  if (typeof child === "string") return escapeText(child)
  if (typeof child === "number") return String(child)
  return "markup" in child ? child.markup : child.map(inside).join("")
}

/** An element; a number in an attribute is shortened to one decimal. */
export const element = (name: string, attributes: Attributes = {}, ...children: readonly Child[]): Markup => {
  const content = children.map(inside).join("")
  return { markup: `<${name}${written(attributes)}${content === "" ? "/>" : `>${content}</${name}>`}` }
}
