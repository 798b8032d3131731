/** Expanding templates: the layers and kernels inside an operation, made when someone looks. */
import { pathKey, siblingPath } from "./sibling-tracks.ts"
import { noIndex, type Trace } from "./trace.ts"

/** A slice inside a slice; what its template leaves open (micro-batch, layer, stage) it has from the outer slice. */
export interface InnerSlice {
  readonly outerSlice: number
  readonly track: number
  readonly name: number
  readonly startSeconds: number
  readonly durationSeconds: number
  readonly microBatch: number
  readonly layer: number
  readonly stage: number
  readonly bytes: number
  readonly flops: number
}

/** The slices inside one slice, in the order of its template; none when it has no template. */
export type SliceExpander = (slice: number) => Generator<InnerSlice, void, void>

/** Prepares a trace for expanding slices one at a time, as a viewer does for those in sight. */
export const sliceExpander = (trace: Trace): SliceExpander => {
  const { slices, templates, templateEntries: entries } = trace
  const trackOfPath = new Map(trace.tracks.map((path, track) => [pathKey(path), track]))
  const knownSiblings = new Map<number, Map<number, number>>()
  const siblingTrack = (track: number, stream: number): number => {
    const siblings = knownSiblings.get(track) ?? new Map<number, number>()
    knownSiblings.set(track, siblings)
    const known = siblings.get(stream)
    if (known !== undefined) return known
    const sibling = trackOfPath.get(pathKey(siblingPath(trace.tracks[track]!, trace.names[stream]!))) ?? noIndex
    siblings.set(stream, sibling)
    return sibling
  }
  const own = (value: number, outer: number): number => (value === noIndex ? outer : value)

  return function* (slice) {
    const template = slices.template[slice]!
    if (template < 0) return
    const first = templates.first[template]!
    const end = first + templates.count[template]!
    for (let entry = first; entry < end; entry++) {
      yield {
        outerSlice: slice,
        track: siblingTrack(slices.track[slice]!, entries.stream[entry]!),
        name: entries.name[entry]!,
        startSeconds: slices.start[slice]! + entries.offset[entry]!,
        durationSeconds: entries.duration[entry]!,
        microBatch: own(entries.microBatch[entry]!, slices.microBatch[slice]!),
        layer: own(entries.layer[entry]!, slices.layer[slice]!),
        stage: own(entries.stage[entry]!, slices.stage[slice]!),
        bytes: entries.bytes[entry]!,
        flops: entries.flops[entry]!
      }
    }
  }
}

/** Every slice inside every slice of a trace. */
export function* expandTemplates(trace: Trace): Generator<InnerSlice, void, void> {
  const expand = sliceExpander(trace)
  for (let slice = 0; slice < trace.slices.track.length; slice++) yield* expand(slice)
}
