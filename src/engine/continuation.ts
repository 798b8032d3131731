/**
 * Continuations: callbacks parked until a moment of a simulation.
 *
 * Processes and resources wake each other through the event queue, never by calling each other directly, so whoever
 * waited first is woken first and a long chain of wake-ups does not deepen the stack.
 */
import type { Simulation } from "./simulation.ts"

interface Parking {
  readonly handlerId: number
  readonly callbacks: Array<() => void>
  readonly freePlaces: Array<number>
}

const parkings = new WeakMap<Simulation, Parking>()
const nothing = (): void => {}

const parkingOf = (simulation: Simulation): Parking => {
  const known = parkings.get(simulation)
  if (known !== undefined) return known
  const callbacks: Array<() => void> = []
  const freePlaces: Array<number> = []
  const handlerId = simulation.register((place) => {
    const callback = callbacks[place]!
    callbacks[place] = nothing
    freePlaces.push(place)
    callback()
  })
  const parking = { handlerId, callbacks, freePlaces }
  parkings.set(simulation, parking)
  return parking
}

/** Calls back once, `delaySeconds` from now, after everything already scheduled for that moment. */
export const resumeAfter = (simulation: Simulation, delaySeconds: number, callback: () => void): void => {
  const parking = parkingOf(simulation)
  const place = parking.freePlaces.pop() ?? parking.callbacks.length
  parking.callbacks[place] = callback
  simulation.after(delaySeconds, parking.handlerId, place)
}
