/** Two traces as one, so that they share an axis and everything that can be done with a trace. */
import type { Trace } from "../../src/trace/index.ts"

const joined = <Table extends Readonly<Record<string, Int32Array | Float64Array>>>(
  a: Table,
  b: Table,
  shifts: Readonly<Partial<Record<keyof Table, number>>>
): Table =>
  Object.fromEntries(
    Object.entries(a).map(([name, first]) => {
      const second = b[name]!
      const whole =
        first instanceof Int32Array
          ? new Int32Array(first.length + second.length)
          : new Float64Array(first.length + second.length)
      whole.set(first)
      whole.set(second, first.length)
      const shift = shifts[name] ?? 0
      // -1 stands for "has none" and stays.
      if (shift !== 0)
        for (let row = first.length; row < whole.length; row++) if (whole[row]! >= 0) whole[row]! += shift
      return [name, whole]
    })
  ) as unknown as Table

/** Traces one below the other, each under a root of its own name. Slices of `b` follow those of `a`. */
export const mergeTraces = (a: Trace, b: Trace, nameOfA: string, nameOfB: string): Trace => {
  const name = a.names.length
  return {
    names: [...a.names, ...b.names],
    tracks: [...a.tracks.map((path) => [nameOfA, ...path]), ...b.tracks.map((path) => [nameOfB, ...path])],
    counters: [
      ...a.counters,
      ...b.counters.map((counter) => ({ track: counter.track + a.tracks.length, name: counter.name + name }))
    ],
    slices: joined(a.slices, b.slices, { track: a.tracks.length, name, template: a.templates.first.length }),
    samples: joined(a.samples, b.samples, { counter: a.counters.length }),
    flows: joined(a.flows, b.flows, { from: a.slices.track.length, to: a.slices.track.length }),
    templates: joined(a.templates, b.templates, { first: a.templateEntries.name.length }),
    templateEntries: joined(a.templateEntries, b.templateEntries, { name, stream: name })
  }
}
