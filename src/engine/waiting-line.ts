/** A first-in, first-out line; taking from the front is O(1) on average however long the line is. */
export interface WaitingLine<Item> {
  readonly length: number
  readonly front: Item | undefined
  readonly join: (item: Item) => void
  readonly take: () => Item | undefined
}

export const makeWaitingLine = <Item>(): WaitingLine<Item> => {
  let items: Array<Item> = []
  let head = 0
  return {
    get length() {
      return items.length - head
    },
    get front() {
      return items[head]
    },
    join: (item) => {
      items.push(item)
    },
    take: () => {
      const item = items[head]
      if (head < items.length) head++
      // Dropping the taken half only when it is half keeps the copying linear in what has passed through.
      if (head > 32 && head * 2 > items.length) {
        items = items.slice(head)
        head = 0
      }
      return item
    }
  }
}
