/**
 * Of very many, as many as a reader can make use of.
 */

/** Places of about `most` of so many, evenly; the last and one that must not be missing are among them. */
export const evenly = (count: number, most: number, kept?: number): readonly number[] => {
  const every = Math.max(1, Math.ceil(count / most))
  const places: number[] = []
  for (let place = 0; place < count; place++)
    if (place % every === 0 || place === count - 1 || place === kept) places.push(place)
  return places
}
