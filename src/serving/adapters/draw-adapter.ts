/** Which adapter each request asks for: drawn by Zipf's law, apart from everything else that is drawn. */
import { randomStream } from "../../random/index.ts"
import type { AdapterChoice, Arrival } from "../types.ts"
import { zipfRank } from "../workload/zipf.ts"

/**
 * Draws for one request after the other: an adapter from 0, the most popular, or -1 for the model as it is. All turns of a
 * conversation ask for the same.
 */
export const adapterDrawer = ({ count, exponent, share }: AdapterChoice, seed: number) => {
  const draw = randomStream(seed, "adapters")
  const rank = zipfRank(count, exponent)
  const ofSession = new Map<number, number>()
  const drawn = (): number => (draw() < share ? rank(draw) - 1 : -1)
  return ({ session = -1 }: Arrival): number => {
    if (session < 0) return drawn()
    const known = ofSession.get(session)
    if (known !== undefined) return known
    const adapter = drawn()
    ofSession.set(session, adapter)
    return adapter
  }
}

/** Ids of pieces of content are below this. */
const idLimit = 2 ** 34

/** The keys and values of a text differ from adapter to adapter: its id under an adapter. */
export const idUnder = (adapter: number, id: number): number => (id === 0 ? 0 : id + (adapter + 1) * idLimit)
