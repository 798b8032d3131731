/**
 * Flows that share links, each at its max-min fair rate (progressive filling; Bertsekas & Gallager, Data Networks,
 * section 6.5.2; the lazy update of SimGrid: latency is paid before a flow competes, and only flows that a change can
 * reach are computed again).
 *
 * Two things keep it cheap. A link whose flows together cannot want more than it has never binds: it takes no part in
 * the filling and joins nothing. And all changes of one instant are settled once, by one event.
 *
 * Hot path: flows live in slots of typed arrays that are used again; starting and ending a flow allocates nothing but
 * the growth of a link's list.
 */
import type { Simulation } from "../engine/index.ts"
import type { Sharing } from "./max-min.ts"
import { fill, weightAt } from "./max-min.ts"

/** Only what the network needs of a simulation. */
export type Clock = Pick<Simulation, "now" | "register" | "at" | "after" | "cancel">

export interface Flow {
  /** Bytes of one of the identical flows that this stands for. */
  readonly bytes: number
  readonly links: readonly number[]
  /** How many identical flows this one stands for, on every link or link by link; a link carries weight * rate. */
  readonly weight?: number | readonly number[]
  /** Most bytes/s that one of the identical flows can take. */
  readonly rateCap?: number
  /** Seconds before the first byte, in which no link is used. */
  readonly latencySeconds?: number
}

export interface FlowNetwork {
  /** Starts a flow and calls the handler of the simulation with the argument when its last byte has arrived. */
  start(flow: Flow, handlerId: number, argument: number): number
  /** Takes a flow off the wires: what it has not carried is never carried, and nobody is called. Nothing when it has ended. */
  cancel(flowId: number): void
  /** Bytes/s of one of the identical flows now; 0 when it has ended or has not begun. */
  rateOf(flowId: number): number
  /** Bytes that one of the identical flows still has to carry. */
  remainingOf(flowId: number): number
  /** Bytes/s that a link carries now. */
  linkRate(link: number): number
  /** Bytes that ended flows have put on a link. */
  carriedBytes(link: number): number
  /** Flows that use links now. */
  readonly active: number
}

/** Slots are numbered below this; the rest of a flow's id tells one use of a slot from the next. */
const slotLimit = 2 ** 24
/** A link that is wanted by this little more than it has does not bind: the error of adding up rates. */
const slack = 1 + 1e-12

export const makeFlowNetwork = (simulation: Clock, capacities: Float64Array): FlowNetwork =>
  new SharedLinks(simulation, capacities)

class SharedLinks implements FlowNetwork, Sharing {
  active = 0
  private readonly clock: Clock
  readonly capacities: Float64Array
  // Links: flows on it, bytes/s they would take at most, bytes carried, mark of the last filling it took part in.
  readonly flowsOn: number[][] = []
  private readonly demand: Float64Array
  private readonly carried: Float64Array
  readonly linkMark: Int32Array
  // Slots of flows.
  readonly linksOf: Array<readonly number[]> = []
  readonly weightOf: Array<number | readonly number[]> = []
  private readonly use: number[] = []
  private readonly freeSlots: number[] = []
  private size = 0
  private bytes = new Float64Array(64)
  private remaining = new Float64Array(64)
  private rate = new Float64Array(64)
  /** The rate that a flow would have alone: its cap, or the narrowest of its links. */
  bound = new Float64Array(64)
  private updated = new Float64Array(64)
  private finishEvent = new Float64Array(64)
  private handler = new Int32Array(64)
  private argument = new Float64Array(64)
  private flowMark = new Int32Array(64)
  /** 1 while the flow is on its links. */
  private joined = new Int32Array(64)
  // The filling: what changed in this instant, and the component that it reaches.
  mark = 0
  private isSettling = false
  private readonly changed: number[] = []
  private readonly flows: number[] = []
  private readonly links: number[] = []
  readonly room: Float64Array
  readonly load: Float64Array
  readonly open: Int32Array
  newRate = new Float64Array(64)
  private readonly joinHandler: number
  private readonly finishHandler: number
  private readonly settleHandler: number

  constructor(clock: Clock, capacities: Float64Array) {
    const links = capacities.length
    this.clock = clock
    this.capacities = capacities
    for (let link = 0; link < links; link++) this.flowsOn.push([])
    this.demand = new Float64Array(links)
    this.carried = new Float64Array(links)
    this.linkMark = new Int32Array(links)
    this.room = new Float64Array(links)
    this.load = new Float64Array(links)
    this.open = new Int32Array(links)
    this.joinHandler = clock.register((slot) => this.join(slot))
    this.finishHandler = clock.register((slot) => this.finish(slot))
    this.settleHandler = clock.register(() => this.settle())
  }

  start(flow: Flow, handlerId: number, argument: number): number {
    const slot = this.freeSlots.pop() ?? this.newSlot()
    const weight = flow.weight ?? 1
    let bound = flow.rateCap ?? Infinity
    for (let i = 0; i < flow.links.length; i++)
      bound = Math.min(bound, this.capacities[flow.links[i]!]! / weightAt(weight, i))
    this.linksOf[slot] = flow.links
    this.weightOf[slot] = weight
    this.bytes[slot] = flow.bytes
    this.remaining[slot] = flow.bytes
    this.rate[slot] = 0
    this.bound[slot] = bound
    this.handler[slot] = handlerId
    this.argument[slot] = argument
    this.finishEvent[slot] = -1
    const latency = flow.latencySeconds ?? 0
    if (latency > 0) this.finishEvent[slot] = this.clock.after(latency, this.joinHandler, slot)
    else this.join(slot)
    return this.use[slot]! * slotLimit + slot
  }

  cancel(flowId: number): void {
    const slot = this.slotOf(flowId)
    if (slot < 0) return
    if (this.finishEvent[slot]! >= 0) this.clock.cancel(this.finishEvent[slot]!)
    if (this.joined[slot] === 1) this.leave(slot, this.bytes[slot]! - this.remainingOf(flowId))
    this.release(slot)
  }

  rateOf(flowId: number): number {
    const slot = this.slotOf(flowId)
    this.settle()
    return slot < 0 ? 0 : this.rate[slot]!
  }

  remainingOf(flowId: number): number {
    const slot = this.slotOf(flowId)
    if (slot < 0) return 0
    const rate = this.rate[slot]!
    return rate === 0 ? this.remaining[slot]! : this.remaining[slot]! - rate * (this.clock.now - this.updated[slot]!)
  }

  linkRate(link: number): number {
    this.settle()
    let sum = 0
    for (const slot of this.flowsOn[link] ?? []) sum += this.rate[slot]! * this.weightOn(slot, link)
    return sum
  }

  carriedBytes(link: number): number {
    return this.carried[link] ?? 0
  }

  private slotOf(flowId: number): number {
    const slot = flowId % slotLimit
    return this.use[slot] === (flowId - slot) / slotLimit ? slot : -1
  }

  private newSlot(): number {
    const slot = this.size++
    this.use.push(0)
    if (slot === this.bytes.length) {
      this.bytes = grown(this.bytes)
      this.remaining = grown(this.remaining)
      this.rate = grown(this.rate)
      this.bound = grown(this.bound)
      this.updated = grown(this.updated)
      this.finishEvent = grown(this.finishEvent)
      this.argument = grown(this.argument)
      this.newRate = grown(this.newRate)
      this.handler = grownIntegers(this.handler)
      this.flowMark = grownIntegers(this.flowMark)
      this.joined = grownIntegers(this.joined)
    }
    return slot
  }

  private weightOn(slot: number, link: number): number {
    return weightAt(this.weightOf[slot]!, this.linksOf[slot]!.indexOf(link))
  }

  private binds(link: number): boolean {
    return this.demand[link]! > this.capacities[link]! * slack
  }

  /** The flow's latency is over: it takes its place on its links. */
  private join(slot: number): void {
    this.finishEvent[slot] = -1
    const links = this.linksOf[slot]!
    const weight = this.weightOf[slot]!
    const bound = this.bound[slot]!
    if (!(this.remaining[slot]! > 0) || bound === Infinity) {
      for (let i = 0; i < links.length; i++) this.carried[links[i]!]! += this.bytes[slot]! * weightAt(weight, i)
      this.complete(slot)
      return
    }
    this.active++
    this.joined[slot] = 1
    this.updated[slot] = this.clock.now
    let isAlone = true
    for (let i = 0; i < links.length; i++) {
      const link = links[i]!
      this.flowsOn[link]!.push(slot)
      this.demand[link]! += bound * weightAt(weight, i)
      if (this.binds(link)) isAlone = false
    }
    if (isAlone) this.setRate(slot, bound)
    else this.touch(slot)
  }

  /** The last byte has arrived. */
  private finish(slot: number): void {
    this.leave(slot, this.bytes[slot]!)
    this.complete(slot)
  }

  /** Takes a flow off its links, which it has given so many bytes. */
  private leave(slot: number, carried: number): void {
    const links = this.linksOf[slot]!
    const weight = this.weightOf[slot]!
    const bound = this.bound[slot]!
    for (let i = 0; i < links.length; i++) {
      const link = links[i]!
      const share = weightAt(weight, i)
      const flows = this.flowsOn[link]!
      const didBind = this.binds(link)
      flows[flows.indexOf(slot)] = flows[flows.length - 1]!
      flows.pop()
      this.carried[link]! += carried * share
      // An empty link starts again from an exact zero, so that errors of adding up never build up.
      if (flows.length === 0) this.demand[link] = 0
      else this.demand[link]! -= bound * share
      if (didBind) for (const other of flows) this.touch(other)
    }
    this.joined[slot] = 0
    this.active--
  }

  private release(slot: number): void {
    this.rate[slot] = 0
    this.remaining[slot] = 0
    this.use[slot]!++
    this.freeSlots.push(slot)
  }

  private complete(slot: number): void {
    this.release(slot)
    this.clock.at(this.clock.now, this.handler[slot]!, this.argument[slot]!)
  }

  /** The flow's rate may have changed: settle it once everything of this instant has happened. */
  private touch(slot: number): void {
    this.changed.push(slot)
    if (this.isSettling) return
    this.isSettling = true
    this.clock.at(this.clock.now, this.settleHandler, 0)
  }

  private setRate(slot: number, rate: number): void {
    const old = this.rate[slot]!
    if (rate === old) return
    const { now } = this.clock
    if (old > 0) {
      this.remaining[slot]! -= old * (now - this.updated[slot]!)
      this.clock.cancel(this.finishEvent[slot]!)
    }
    this.updated[slot] = now
    this.rate[slot] = rate
    if (rate > 0)
      this.finishEvent[slot] = this.clock.after(Math.max(0, this.remaining[slot]!) / rate, this.finishHandler, slot)
  }

  /** Rates of every flow that the changes reach over binding links. */
  private settle(): void {
    this.isSettling = false
    if (this.changed.length === 0) return
    const { changed, flows, links } = this
    this.mark++
    flows.length = 0
    links.length = 0
    for (const slot of changed) this.reach(slot)
    changed.length = 0
    for (let next = 0; next < flows.length; next++) {
      const path = this.linksOf[flows[next]!]!
      for (const link of path) {
        if (this.linkMark[link] === this.mark || !this.binds(link)) continue
        this.linkMark[link] = this.mark
        links.push(link)
        for (const slot of this.flowsOn[link]!) this.reach(slot)
      }
    }
    fill(this, flows, links)
    for (const slot of flows) this.setRate(slot, this.newRate[slot]!)
  }

  private reach(slot: number): void {
    // A flow that ended in this very instant is on no link any more, and its slot may wait for another's latency.
    if (this.flowMark[slot] === this.mark || this.joined[slot] === 0) return
    this.flowMark[slot] = this.mark
    this.flows.push(slot)
  }
}

const grown = (values: Float64Array): Float64Array<ArrayBuffer> => {
  const larger = new Float64Array(values.length * 2)
  larger.set(values)
  return larger
}

const grownIntegers = (values: Int32Array): Int32Array<ArrayBuffer> => {
  const larger = new Int32Array(values.length * 2)
  larger.set(values)
  return larger
}
