/**
 * The state of the page in the hash of its address: `#v=1&t=1.5~2.25&sel=12.3&pin=...`. What cannot be read is left out,
 * since anyone may write an address.
 */

export interface LinkState {
  readonly window?: { readonly start: number; readonly end: number }
  readonly selection?: { readonly slice: number; readonly entry: number }
  readonly pinned?: readonly string[]
  /** Groups whose fold differs from how they start. */
  readonly toggled?: readonly string[]
  readonly hidden?: readonly string[]
  readonly filter?: string
  readonly search?: string
  readonly tab?: string
}

const version = "1"
const longest = 20_000

const list = (text: string | null): readonly string[] | undefined => {
  if (text === null) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every((item) => typeof item === "string") ? value.slice(0, 1000) : undefined
  } catch {
    return undefined
  }
}

const numbers = (text: string | null, separator: string): readonly [number, number] | undefined => {
  const [first, second, ...more] = text?.split(separator) ?? []
  if (first === undefined || second === undefined || more.length > 0 || first === "" || second === "") return undefined
  const pair = [Number(first), Number(second)] as const
  return pair.every(Number.isFinite) ? pair : undefined
}

export const writeLink = (state: LinkState): string => {
  const fields = new URLSearchParams({ v: version })
  const { window, selection, pinned = [], toggled = [], hidden = [], filter = "", search = "", tab = "" } = state
  if (window !== undefined) fields.set("t", `${window.start}~${window.end}`)
  if (selection !== undefined) fields.set("sel", `${selection.slice}_${selection.entry}`)
  if (pinned.length > 0) fields.set("pin", JSON.stringify(pinned))
  if (toggled.length > 0) fields.set("fold", JSON.stringify(toggled))
  if (hidden.length > 0) fields.set("hide", hidden.join(","))
  if (filter !== "") fields.set("tracks", filter)
  if (search !== "") fields.set("q", search)
  if (tab !== "") fields.set("tab", tab)
  return `#${fields.toString()}`
}

export const readLink = (hash: string): LinkState => {
  if (hash.length > longest) return {}
  const fields = new URLSearchParams(hash.replace(/^#/, ""))
  if (fields.get("v") !== version) return {}
  const time = numbers(fields.get("t"), "~")
  const selection = numbers(fields.get("sel"), "_")
  const pinned = list(fields.get("pin"))
  const toggled = list(fields.get("fold"))
  const hidden = fields.get("hide")?.split(",")
  const text = (name: string) => fields.get(name)?.slice(0, 200)
  const [filter, search, tab] = [text("tracks"), text("q"), text("tab")]
  return {
    ...(time === undefined || !(time[0] < time[1]) ? {} : { window: { start: time[0], end: time[1] } }),
    ...(selection === undefined || !selection.every(Number.isInteger)
      ? {}
      : { selection: { slice: selection[0], entry: selection[1] } }),
    ...(pinned === undefined ? {} : { pinned }),
    ...(toggled === undefined ? {} : { toggled }),
    ...(hidden === undefined ? {} : { hidden }),
    ...(filter === undefined ? {} : { filter }),
    ...(search === undefined ? {} : { search }),
    ...(tab === undefined ? {} : { tab })
  }
}
