/**
 * The event queue: a 4-ary heap in typed arrays, ordered by (time, sequence number).
 *
 * Events of the same time leave in the order in which they were scheduled, so a run is the same on every machine.
 * A 4-ary heap is half as deep as a binary one and its four children share a cache line. Nothing is allocated for an
 * event: the heap holds a slot number, and the slot holds handler, argument and the event's place in the heap, which
 * makes cancelling O(log n) and leaves nothing behind.
 */

/** A scheduled event. Stays unequal to the id of every other event of the same simulation, past or future. */
export type EventId = number

/** More events pending at once than the queue can name (4,194,304): almost always a handler that schedules for ever. */
export class TooManyEvents extends Error {
  readonly _tag = "TooManyEvents"
  readonly limit: number
  constructor(limit: number) {
    super(`more than ${limit} events are pending`)
    this.limit = limit
  }
}

// An id is generation * slotLimit + slot, exact in a double: 2^22 slots, each used up to 2^31 times and then retired.
const slotLimit = 2 ** 22
const generationLimit = 2 ** 31 - 1
// Small arrays live on the heap of the engine that runs this: a queue of few events costs next to nothing to make.
const firstCapacity = 16

/** Fields are read by the run loop; only the methods write them. */
export class EventQueue {
  size = 0
  // In heap order.
  times = new Float64Array(firstCapacity)
  private sequences = new Float64Array(firstCapacity)
  slots = new Int32Array(firstCapacity)
  // By slot.
  handlers = new Int32Array(firstCapacity)
  arguments = new Float64Array(firstCapacity)
  private positions = new Int32Array(firstCapacity)
  private generations = new Int32Array(firstCapacity)
  private freeSlots = new Int32Array(firstCapacity)
  private freeCount = 0
  private slotCount = 0
  private nextSequence = 0

  push(time: number, handler: number, argument: number): EventId {
    const slot = this.freeCount > 0 ? this.freeSlots[--this.freeCount]! : this.newSlot()
    this.handlers[slot] = handler
    this.arguments[slot] = argument
    this.rise(this.size++, time, this.nextSequence++, slot)
    return this.generations[slot]! * slotLimit + slot
  }

  /** Removes the earliest event; its slot still holds handler and argument until the next push. */
  pop(): void {
    this.freeSlot(this.slots[0]!)
    const last = --this.size
    if (last > 0) this.sink(0, this.times[last]!, this.sequences[last]!, this.slots[last]!)
  }

  /** Removes a pending event; false when it has run, was cancelled, or never was. */
  cancel(id: EventId): boolean {
    const slot = id % slotLimit
    const isPending =
      slot < this.slotCount && this.positions[slot]! >= 0 && this.generations[slot] === Math.floor(id / slotLimit)
    if (!isPending) return false
    const hole = this.positions[slot]!
    this.freeSlot(slot)
    const last = --this.size
    if (hole === last) return true
    const time = this.times[last]!
    const sequence = this.sequences[last]!
    const moved = this.slots[last]!
    this.rise(hole, time, sequence, moved)
    if (this.positions[moved] === hole) this.sink(hole, time, sequence, moved)
    return true
  }

  private rise(start: number, time: number, sequence: number, slot: number): void {
    const { times, sequences, slots, positions } = this
    let hole = start
    while (hole > 0) {
      const parent = (hole - 1) >> 2
      const parentTime = times[parent]!
      if (parentTime < time || (parentTime === time && sequences[parent]! < sequence)) break
      times[hole] = parentTime
      sequences[hole] = sequences[parent]!
      const parentSlot = slots[parent]!
      slots[hole] = parentSlot
      positions[parentSlot] = hole
      hole = parent
    }
    times[hole] = time
    sequences[hole] = sequence
    slots[hole] = slot
    positions[slot] = hole
  }

  private sink(start: number, time: number, sequence: number, slot: number): void {
    const { times, sequences, slots, positions, size } = this
    let hole = start
    for (let first = 4 * hole + 1; first < size; first = 4 * hole + 1) {
      let least = first
      let leastTime = times[first]!
      const end = first + 4 < size ? first + 4 : size
      for (let child = first + 1; child < end; child++) {
        const childTime = times[child]!
        if (childTime < leastTime || (childTime === leastTime && sequences[child]! < sequences[least]!)) {
          least = child
          leastTime = childTime
        }
      }
      if (time < leastTime || (time === leastTime && sequence < sequences[least]!)) break
      times[hole] = leastTime
      sequences[hole] = sequences[least]!
      const leastSlot = slots[least]!
      slots[hole] = leastSlot
      positions[leastSlot] = hole
      hole = least
    }
    times[hole] = time
    sequences[hole] = sequence
    slots[hole] = slot
    positions[slot] = hole
  }

  private freeSlot(slot: number): void {
    this.positions[slot] = -1
    const generation = this.generations[slot]! + 1
    this.generations[slot] = generation
    if (generation < generationLimit) this.freeSlots[this.freeCount++] = slot
  }

  private newSlot(): number {
    if (this.slotCount === slotLimit) throw new TooManyEvents(slotLimit)
    if (this.slotCount === this.slots.length) this.grow()
    return this.slotCount++
  }

  private grow(): void {
    const capacity = this.slots.length * 2
    this.times = grownFloats(this.times, capacity)
    this.sequences = grownFloats(this.sequences, capacity)
    this.arguments = grownFloats(this.arguments, capacity)
    this.slots = grownIntegers(this.slots, capacity)
    this.handlers = grownIntegers(this.handlers, capacity)
    this.positions = grownIntegers(this.positions, capacity)
    this.generations = grownIntegers(this.generations, capacity)
    this.freeSlots = grownIntegers(this.freeSlots, capacity)
  }
}

const grownFloats = (from: Float64Array<ArrayBuffer>, capacity: number): Float64Array<ArrayBuffer> => {
  const to = new Float64Array(capacity)
  to.set(from)
  return to
}

const grownIntegers = (from: Int32Array<ArrayBuffer>, capacity: number): Int32Array<ArrayBuffer> => {
  const to = new Int32Array(capacity)
  to.set(from)
  return to
}
