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
  /** Stretch of time on some tracks, by their numbers. */
  readonly area?: { readonly start: number; readonly end: number; readonly tracks: readonly number[] }
  readonly marks?: readonly { readonly start: number; readonly end: number }[]
  /** Requests whose latency is in a range of seconds. */
  readonly requests?: { readonly metric: string; readonly range: readonly [number, number] }
  /** Which of the slices that were found is chosen. */
  readonly match?: number
  /** Row under the keyboard. */
  readonly row?: string
  readonly showsPath?: boolean
  /** The course of the whole run is in the timeline, not an iteration. */
  readonly showsCourse?: boolean
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

const windowOf = (text: string | null): { readonly start: number; readonly end: number } | undefined => {
  const pair = numbers(text, "~")
  return pair === undefined || !(pair[0] < pair[1]) ? undefined : { start: pair[0], end: pair[1] }
}

/** Whole numbers as runs: 0-3.7 are 0, 1, 2, 3 and 7. */
const writeRuns = (values: readonly number[]): string => {
  const runs: [number, number][] = []
  for (const value of [...values].sort((a, b) => a - b)) {
    const last = runs.at(-1)
    if (last !== undefined && value <= last[1] + 1) last[1] = value
    else runs.push([value, value])
  }
  return runs.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(".")
}

const mostTracks = 100_000

const readRuns = (text: string): readonly number[] => {
  const values: number[] = []
  for (const run of text.split(".")) {
    const [from = Number.NaN, to = from] = run.split("-").map(Number)
    if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to < from) continue
    for (let value = from; value <= to && values.length < mostTracks; value++) values.push(value)
  }
  return values
}

/** `start~end~0-3.7` */
const readArea = (text: string | null): LinkState["area"] => {
  const [start, end, tracks] = text?.split("~") ?? []
  const window = windowOf(`${start}~${end}`)
  return window === undefined || tracks === undefined ? undefined : { ...window, tracks: readRuns(tracks) }
}

/** `ttft~0.1~0.5` */
const readRequests = (text: string | null): LinkState["requests"] => {
  const [metric = "", from, to] = text?.split("~") ?? []
  const range = windowOf(`${from}~${to}`)
  return range === undefined ? undefined : { metric: metric.slice(0, 20), range: [range.start, range.end] }
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
  const { area, marks = [], requests, match = -1, row, showsPath, showsCourse } = state
  if (area !== undefined) fields.set("area", `${area.start}~${area.end}~${writeRuns(area.tracks)}`)
  if (marks.length > 0) fields.set("marks", marks.map(({ start, end }) => `${start}~${end}`).join("_"))
  if (requests !== undefined) fields.set("req", [requests.metric, ...requests.range].join("~"))
  if (match >= 0) fields.set("m", String(match))
  if (row !== undefined) fields.set("row", row)
  if (showsPath === true) fields.set("path", "1")
  if (showsCourse === true) fields.set("run", "1")
  return `#${fields.toString()}`
}

export const readLink = (hash: string): LinkState => {
  if (hash.length > longest) return {}
  const fields = new URLSearchParams(hash.replace(/^#/, ""))
  if (fields.get("v") !== version) return {}
  const time = windowOf(fields.get("t"))
  const selection = numbers(fields.get("sel"), "_")
  const pinned = list(fields.get("pin"))
  const toggled = list(fields.get("fold"))
  const hidden = fields.get("hide")?.split(",")
  const text = (name: string) => fields.get(name)?.slice(0, 200)
  const [filter, search, tab] = [text("tracks"), text("q"), text("tab")]
  const [area, requests] = [readArea(fields.get("area")), readRequests(fields.get("req"))]
  const marks = fields
    .get("marks")
    ?.split("_")
    .slice(0, 100)
    .flatMap((one) => windowOf(one) ?? [])
  const [match, row] = [Number(fields.get("m") ?? -1), fields.get("row")?.slice(0, 2000)]
  return {
    ...(time === undefined ? {} : { window: time }),
    ...(selection === undefined || !selection.every(Number.isInteger)
      ? {}
      : { selection: { slice: selection[0], entry: selection[1] } }),
    ...(pinned === undefined ? {} : { pinned }),
    ...(toggled === undefined ? {} : { toggled }),
    ...(hidden === undefined ? {} : { hidden }),
    ...(filter === undefined ? {} : { filter }),
    ...(search === undefined ? {} : { search }),
    ...(tab === undefined ? {} : { tab }),
    ...(area === undefined ? {} : { area }),
    ...(marks === undefined ? {} : { marks }),
    ...(requests === undefined ? {} : { requests }),
    ...(Number.isInteger(match) && match >= 0 ? { match } : {}),
    ...(row === undefined ? {} : { row }),
    ...(fields.get("path") === "1" ? { showsPath: true } : {}),
    ...(fields.get("run") === "1" ? { showsCourse: true } : {})
  }
}
