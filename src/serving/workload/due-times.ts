/** A waiting line by time: a binary heap whose equal times leave in the order in which they came. */

export interface DueTimes<A> {
  readonly push: (time: number, item: A) => void
  /** Time of the earliest; Infinity when empty. */
  readonly peek: () => number
  /** Takes the earliest away; only after `peek` gave a time. */
  readonly pop: () => A
}

export const makeDueTimes = <A>(): DueTimes<A> => {
  const heap: { readonly time: number; readonly order: number; readonly item: A }[] = []
  let pushed = 0
  const isBefore = (a: number, b: number): boolean => {
    const [first, second] = [heap[a]!, heap[b]!]
    return first.time < second.time || (first.time === second.time && first.order < second.order)
  }
  const swap = (a: number, b: number): void => {
    const kept = heap[a]!
    heap[a] = heap[b]!
    heap[b] = kept
  }
  return {
    push: (time, item) => {
      let place = heap.push({ time, order: pushed++, item }) - 1
      for (let parent = (place - 1) >> 1; place > 0 && isBefore(place, parent); parent = (place - 1) >> 1) {
        swap(place, parent)
        place = parent
      }
    },
    peek: () => (heap.length === 0 ? Infinity : heap[0]!.time),
    pop: () => {
      swap(0, heap.length - 1)
      const { item } = heap.pop()!
      for (let place = 0; ;) {
        const left = 2 * place + 1
        const right = left + 1
        const least = right < heap.length && isBefore(right, left) ? right : left
        if (least >= heap.length || !isBefore(least, place)) return item
        swap(least, place)
        place = least
      }
    }
  }
}
