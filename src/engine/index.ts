/** The discrete-event kernel: event queue, clock, processes and resources. It knows nothing of accelerators. */
export { type EventId, TooManyEvents } from "./event-queue.ts"
export { AlreadyRunning, BadEventTime, makeSimulation, type Simulation, UnknownHandler } from "./simulation.ts"
export { resumeAfter } from "./continuation.ts"
export { process, type Process, type Suspension, wait } from "./process.ts"
export { makeSignal, type Signal } from "./signal.ts"
export { BadResourceSize, makeServer, ReleasedTooMuch, type Server } from "./server.ts"
export { makeMemoryPool, type MemoryPool } from "./memory-pool.ts"
export { type Link, makeLink } from "./link.ts"
