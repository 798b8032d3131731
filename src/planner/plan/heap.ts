/**
 * A heap of the smallest first.
 */
export interface Heap<Item> {
  readonly push: (item: Item) => void
  readonly pop: () => Item | undefined
}

export const makeHeap = <Item>(isBefore: (a: Item, b: Item) => boolean): Heap<Item> => {
  const items: Item[] = []
  const at = (index: number): Item => items[index] as Item
  const swap = (a: number, b: number): void => {
    const one = at(a)
    items[a] = at(b)
    items[b] = one
  }
  return {
    push: (item) => {
      let index = items.push(item) - 1
      while (index > 0) {
        const parent = (index - 1) >> 1
        if (!isBefore(at(index), at(parent))) return
        swap(index, parent)
        index = parent
      }
    },
    pop: () => {
      const [first] = items
      const last = items.pop()
      if (items.length === 0 || last === undefined) return first
      items[0] = last
      for (let index = 0; ;) {
        const left = 2 * index + 1
        if (left >= items.length) break
        const right = left + 1
        const child = right < items.length && isBefore(at(right), at(left)) ? right : left
        if (!isBefore(at(child), at(index))) break
        swap(index, child)
        index = child
      }
      return first
    }
  }
}
