/** Routers: which replica a request goes to. Ties go to the replica with the lower number. */
import { randomStream } from "../../random/index.ts"
import type { Replica } from "../replica/replica.ts"
import type { RouterName } from "../types.ts"

export type Router = (replicas: readonly Replica[]) => Replica

/** A router of a name, with its own random stream. */
export const makeRouter = (name: RouterName, seed: number): Router => makers[name](seed)

const makers: Readonly<Record<RouterName, (seed: number) => Router>> = {
  "round-robin": () => {
    let turn = 0
    return (replicas) => replicas[turn++ % replicas.length]!
  },
  random: (seed) => {
    const draw = randomStream(seed, "router")
    return (replicas) => replicas[Math.floor(draw() * replicas.length)]!
  },
  "least-requests": () => (replicas) => leastBy(replicas, (replica) => replica.requests),
  // Prompt and output tokens of all requests that have not left, whatever is done of them already.
  "least-tokens": () => (replicas) => leastBy(replicas, (replica) => replica.tokens),
  "power-of-two": (seed) => {
    const draw = randomStream(seed, "router")
    return (replicas) => {
      const first = Math.floor(draw() * replicas.length)
      if (replicas.length === 1) return replicas[first]!
      // The second of two different ones.
      const other = Math.floor(draw() * (replicas.length - 1))
      const second = other < first ? other : other + 1
      const [low, high] = first < second ? [first, second] : [second, first]
      return replicas[high]!.requests < replicas[low]!.requests ? replicas[high]! : replicas[low]!
    }
  }
}

const leastBy = (replicas: readonly Replica[], load: (replica: Replica) => number): Replica => {
  let best = replicas[0]!
  for (const replica of replicas) if (load(replica) < load(best)) best = replica
  return best
}
