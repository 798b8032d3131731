/** Sibling tracks: the streams of one rank. */
import type { Slices, TemplateEntries, Templates } from "./trace.ts"

/** One string per path; a path's parts cannot run together, because the separator is quoted inside them. */
export const pathKey = (path: ReadonlyArray<string>): string => JSON.stringify(path)

/** The path of another stream of the same rank. */
export const siblingPath = (path: ReadonlyArray<string>, stream: string): ReadonlyArray<string> => [
  ...path.slice(0, -1),
  stream
]

/** Every different pair of a track with slices of a template and a stream of that template, in order of appearance. */
export function* templateStreams(
  slices: Slices,
  templates: Templates,
  entries: TemplateEntries
): Generator<readonly [track: number, stream: number], void, void> {
  const seen = new Map<number, Set<number>>()
  for (let slice = 0; slice < slices.track.length; slice++) {
    const template = slices.template[slice]!
    if (template < 0) continue
    const track = slices.track[slice]!
    const seenTemplates = seen.get(track) ?? new Set()
    seen.set(track, seenTemplates)
    if (seenTemplates.has(template)) continue
    seenTemplates.add(template)
    const first = templates.first[template]!
    const streams = new Set(entries.stream.subarray(first, first + templates.count[template]!))
    for (const stream of streams) yield [track, stream]
  }
}
