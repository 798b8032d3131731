/**
 * Colour refinement: the coarsest colouring of a graph in which vertices of one colour have, colour by colour, equally
 * many neighbours (Cardon & Crochemore 1982; McKay 1981). Vertices of one colour then behave alike in any process in
 * which each sees no more than its own colour and its neighbours' states.
 *
 * Exact: colours are interned by the sorted colours of the neighbours, not by a hash of them.
 */

/**
 * @param initial     colour of each vertex to begin with
 * @param neighbours  of each vertex, by number
 */
export const refine = (initial: Int32Array, neighbours: readonly (readonly number[])[]): Int32Array => {
  let colours = initial
  let count = new Set(initial).size
  for (;;) {
    const known = new Map<string, number>()
    const next = new Int32Array(colours.length)
    for (let vertex = 0; vertex < colours.length; vertex++) {
      const around = neighbours[vertex] ?? []
      const seen = new Int32Array(around.length)
      for (let index = 0; index < around.length; index++) seen[index] = colours[around[index] ?? 0] ?? 0
      const key = `${colours[vertex]}:${seen.sort().join()}`
      let colour = known.get(key)
      if (colour === undefined) {
        colour = known.size
        known.set(key, colour)
      }
      next[vertex] = colour
    }
    // A round that splits nothing only renames.
    if (known.size === count) return next
    colours = next
    count = known.size
  }
}
