/**
 * A simulation: a clock that jumps from one scheduled event to the next.
 *
 * A handler is registered once and named by a number; an event is (time, handler, one number), so scheduling and running
 * it allocates nothing. Events of equal time run in the order in which they were scheduled.
 */
import { type EventId, EventQueue } from "./event-queue.ts"

export interface Simulation {
  /** Simulated seconds since the start. */
  readonly now: number
  /** Events run so far. */
  readonly executed: number
  /** Events scheduled and not yet run or cancelled. */
  readonly pending: number
  /** Time of the earliest pending event; Infinity when there is none. Until then nothing can happen, so one may leap. */
  readonly nextEventSeconds: number
  /** Names a function that events may call with their argument. */
  register(handler: (argument: number) => void): number
  /** Schedules a call of a handler at an absolute time, not before now. */
  at(timeSeconds: number, handlerId: number, argument: number): EventId
  /** Schedules a call of a handler after a delay of zero or more seconds. */
  after(delaySeconds: number, handlerId: number, argument: number): EventId
  /** Takes back a pending event; false when it has already run or was cancelled. */
  cancel(eventId: EventId): boolean
  /**
   * Runs every event up to and including a time, and leaves the clock at that time; without one, runs until no event
   * is left and leaves the clock at the last event.
   */
  run(untilSeconds?: number): void
  /** Ends the run after the current event; what is pending stays pending. */
  stop(): void
}

/** An event or the end of a run was asked for at a time that is not a number, not finite, or already past. */
export class BadEventTime extends Error {
  readonly _tag = "BadEventTime"
  readonly timeSeconds: number
  readonly nowSeconds: number
  constructor(timeSeconds: number, nowSeconds: number) {
    super(`no event can happen at ${timeSeconds} s when it is ${nowSeconds} s`)
    this.timeSeconds = timeSeconds
    this.nowSeconds = nowSeconds
  }
}

/** An event names a handler that was never registered. */
export class UnknownHandler extends Error {
  readonly _tag = "UnknownHandler"
  readonly handlerId: number
  constructor(handlerId: number) {
    super(`handler ${handlerId} was never registered`)
    this.handlerId = handlerId
  }
}

/** A handler called `run` of the simulation that is running it. */
export class AlreadyRunning extends Error {
  readonly _tag = "AlreadyRunning"
  constructor() {
    super("the simulation is already running")
  }
}

class EventSimulation implements Simulation {
  now = 0
  executed = 0
  private readonly queue = new EventQueue()
  private readonly handlers: Array<(argument: number) => void> = []
  private isRunning = false
  private isStopped = false

  get pending(): number {
    return this.queue.size
  }

  get nextEventSeconds(): number {
    return this.queue.size > 0 ? this.queue.times[0]! : Infinity
  }

  register(handler: (argument: number) => void): number {
    return this.handlers.push(handler) - 1
  }

  at(timeSeconds: number, handlerId: number, argument: number): EventId {
    // Written so that NaN is refused too.
    if (!(timeSeconds >= this.now && timeSeconds < Infinity)) throw new BadEventTime(timeSeconds, this.now)
    if (!(handlerId >= 0 && handlerId < this.handlers.length)) throw new UnknownHandler(handlerId)
    return this.queue.push(timeSeconds, handlerId, argument)
  }

  after(delaySeconds: number, handlerId: number, argument: number): EventId {
    return this.at(this.now + delaySeconds, handlerId, argument)
  }

  cancel(eventId: EventId): boolean {
    return this.queue.cancel(eventId)
  }

  stop(): void {
    this.isStopped = true
  }

  run(untilSeconds: number = Infinity): void {
    if (this.isRunning) throw new AlreadyRunning()
    if (!(untilSeconds >= this.now)) throw new BadEventTime(untilSeconds, this.now)
    this.isRunning = true
    this.isStopped = false
    try {
      this.runEvents(untilSeconds)
    } finally {
      this.isRunning = false
    }
    if (!this.isStopped && untilSeconds < Infinity) this.now = untilSeconds
  }

  private runEvents(untilSeconds: number): void {
    const { queue, handlers } = this
    while (queue.size > 0 && !this.isStopped) {
      const time = queue.times[0]!
      if (time > untilSeconds) return
      const slot = queue.slots[0]!
      const handler = handlers[queue.handlers[slot]!]!
      const argument = queue.arguments[slot]!
      queue.pop()
      this.now = time
      this.executed++
      handler(argument)
    }
  }
}

/** An empty simulation at time zero. */
export const makeSimulation = (): Simulation => new EventSimulation()
