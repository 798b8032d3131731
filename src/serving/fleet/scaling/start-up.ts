/**
 * How a replica starts: a machine, the image, the weights, kernels and graphs, one after the other. Replicas of a pool that load
 * at once share the storage by max-min fairness, each no faster than its software reads.
 */
import { makeFlowNetwork } from "../../../cluster/index.ts"
import type { Simulation } from "../../../engine/index.ts"
import type { LoggedStart, StartUp } from "./types.ts"

export interface Starter {
  /** @param isWarm  the machine and the image are there: the process alone starts anew */
  readonly start: (replica: number, ticket: number, isWarm: boolean, now: number) => void
  /** A replica does not go on with what it began. */
  readonly abandon: (replica: number) => void
}

/**
 * @param onReady  the replica can take requests; `ticket` is what it was started with
 * @param handle   registers a handler
 */
export const makeStarter = (
  simulation: Simulation,
  startUp: StartUp,
  handle: (act: (argument: number) => void) => number,
  onReady: (ticket: number, start: LoggedStart) => void
): Starter => {
  interface Pending {
    readonly start: { -readonly [Name in keyof LoggedStart]: LoggedStart[Name] }
    readonly ticket: number
    loadsFrom: number
    /** Its bytes on their way, -1 = none. */
    flow: number
  }
  const { nodeSeconds, imageSeconds, weightBytes, readBytesPerSecond, storageBytesPerSecond, warmUpSeconds } = startUp
  const storage = makeFlowNetwork(simulation, Float64Array.of(storageBytesPerSecond))
  const pending = new Map<number, Pending>()
  const byReplica = new Map<number, number>()
  let made = 0

  const ready = handle((id) => {
    const one = pending.get(id)
    if (one === undefined) return
    pending.delete(id)
    byReplica.delete(one.start.replica)
    onReady(one.ticket, one.start)
  })
  const loaded = handle((id) => {
    const one = pending.get(id)
    if (one === undefined) return
    one.flow = -1
    one.start.weightSeconds = simulation.now - one.loadsFrom
    simulation.after(warmUpSeconds, ready, id)
  })
  const load = handle((id) => {
    const one = pending.get(id)
    if (one === undefined) return
    one.loadsFrom = simulation.now
    if (weightBytes <= 0) simulation.after(0, loaded, id)
    else one.flow = storage.start({ bytes: weightBytes, links: [0], rateCap: readBytesPerSecond }, loaded, id)
  })
  return {
    start: (replica, ticket, isWarm, now) => {
      const id = made++
      const [node, image] = isWarm ? [0, 0] : [nodeSeconds, imageSeconds]
      pending.set(id, {
        start: {
          replica,
          seconds: now,
          nodeSeconds: node,
          imageSeconds: image,
          weightSeconds: 0,
          warmUpSeconds
        },
        ticket,
        loadsFrom: now,
        flow: -1
      })
      byReplica.set(replica, id)
      simulation.after(node + image, load, id)
    },
    abandon: (replica) => {
      const id = byReplica.get(replica)
      if (id === undefined) return
      const { flow } = pending.get(id)!
      if (flow >= 0) storage.cancel(flow)
      pending.delete(id)
      byReplica.delete(replica)
    }
  }
}
