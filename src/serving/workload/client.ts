/**
 * A client: whose random choices belong together and are kept apart from everyone else's.
 *
 * Requests that wait for nobody all come from one client. Each user of a closed loop and each conversation is a client of its
 * own, so that what it asks and how long it thinks do not depend on when the server answers the others. Within a client every
 * quantity of every class has its own stream, so that changing one distribution moves no other.
 */
import { randomStream, type RandomStream } from "../../random/index.ts"

export interface Client {
  /** The stream of a quantity that belongs to no class. */
  readonly stream: (quantity: "class" | "think time") => RandomStream
  /** The stream of a quantity of a class, made when first asked for. */
  readonly ofClass: (quantity: ClassQuantity, classIndex: number) => RandomStream
}

/** What a client draws for each class. */
export type ClassQuantity =
  | "prompt"
  | "output"
  | "shared prefix"
  | "turns"
  | "think time in conversation"
  | "follow-up"
  | "trace row"

/**
 * @param seed        the run's seed
 * @param name        appended to the streams' names: "" for the client of all open arrivals, else such as " of user 3"
 * @param classNames  the streams are named after the class, so that its place in the list does not matter
 */
export const makeClient = (seed: number, name: string, classNames: readonly string[]): Client => {
  const streams = new Map<string, RandomStream>()
  const byClass: Record<ClassQuantity, RandomStream[]> = {
    prompt: [],
    output: [],
    "shared prefix": [],
    turns: [],
    "think time in conversation": [],
    "follow-up": [],
    "trace row": []
  }
  return {
    stream: (quantity) => {
      const made = streams.get(quantity) ?? randomStream(seed, `${quantity}${name}`)
      streams.set(quantity, made)
      return made
    },
    ofClass: (quantity, classIndex) =>
      (byClass[quantity][classIndex] ??= randomStream(seed, `${quantity} of ${classNames[classIndex]}${name}`))
  }
}
