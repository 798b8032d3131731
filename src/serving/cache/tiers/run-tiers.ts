/**
 * The tiers of a run: what they hold, and the bytes on their way to and from them over the wires that everything else uses.
 *
 * Blocks that set out in the same instant on the same way are one flow. A block can be found when its flow has ended.
 */
import type { Simulation } from "../../../engine/index.ts"
import { modelKeyValueBytes } from "../../../inference/index.ts"
import { firstReplicas } from "../../fleet/pools.ts"
import type { Wires } from "../../fleet/wires.ts"
import type { Pool } from "../../types.ts"
import { type Fetch, makeSchedulerTiers, type SchedulerTiers } from "./scheduler-tiers.ts"
import { makeTierStore, type TierStore } from "./tier-store.ts"
import type { TierWay } from "./tier-ways.ts"
import { type TierPlace, tierPlaces, type TierTotals } from "./types.ts"

type Counts = { -readonly [Name in keyof TierTotals]: TierTotals[Name] }

export interface RunTiers {
  readonly wires: Wires
  /** Flows of tiers on each link, for estimates. */
  readonly flowsOn: Int32Array
  readonly stores: ReadonlyMap<string, { readonly store: TierStore; readonly in: TierPlace }>
  readonly counts: Readonly<Record<TierPlace, Counts>>
  /** Fetches on their way, by number. */
  readonly byId: Map<number, { readonly fetch: Fetch; readonly own: SchedulerTiers }>
  made: number
  /** null where the replica's pool has no tiers. */
  readonly schedulerOf: (replica: number) => SchedulerTiers | null
  readonly waysOf: (replica: number) => readonly TierWay[]
  readonly placesOf: (replica: number) => readonly TierPlace[]
  /** Bytes come from a tier that nobody waits for. */
  readonly follow: (replica: number, tier: number, bytes: number) => void
  /** What a replica writes, or reads without waiting for it, is taken off the wires: its process has ended. */
  readonly abandon: (replica: number) => void
}

/** Blocks on the same way. */
interface Carriage {
  readonly replica: number
  readonly links: readonly number[]
  readonly latencySeconds: number
  readonly place: TierPlace
  readonly store: TierStore
  readonly entries: number[]
  readonly generations: number[]
  bytes: number
  /** -1 = it has not set out. */
  flow: number
}

/** Bytes that come from a tier behind those that a request waited for. */
interface Following {
  readonly replica: number
  readonly tier: number
  readonly links: readonly number[]
  readonly flow: number
}

export const makeRunTiers = (simulation: Simulation, wires: Wires, pools: readonly Pool[]): RunTiers => {
  const firsts = firstReplicas(pools)
  const poolOf = (replica: number): Pool => pools[firsts.findLastIndex((first) => first <= replica)]!
  const flowsOn = new Int32Array(wires.links)
  const stores = new Map<string, { readonly store: TierStore; readonly in: TierPlace }>()
  const counts = Object.fromEntries(tierPlaces.map((place) => [place, noCounts(place)])) as Record<TierPlace, Counts>
  const acting: { own: SchedulerTiers | null; tier: number } = { own: null, tier: -1 }

  const storeOf = ({ key, capacityBytes }: TierWay, place: TierPlace): TierStore => {
    const known = stores.get(key)
    if (known !== undefined) return known.store
    const store = makeTierStore(capacityBytes, (high, low, bytes) => acting.own?.passOn(acting.tier, high, low, bytes))
    stores.set(key, { store, in: place })
    return store
  }
  const use = (links: readonly number[], by: number): void => {
    for (const link of links) flowsOn[link]! += by
  }

  // Of this instant, by replica, way out and way in.
  const setOut = new Map<number, Carriage>()
  const underWay = new Map<number, Carriage>()
  let carriages = 0
  const followings = new Map<number, Following>()
  let followed = 0
  const arrived = simulation.register((id) => {
    const carriage = underWay.get(id)
    // Given up at this moment.
    if (carriage === undefined) return
    underWay.delete(id)
    use(carriage.links, -1)
    putIn(carriage)
  })
  const hasFollowed = simulation.register((id) => {
    const following = followings.get(id)
    if (following === undefined) return
    use(following.links, -1)
    followings.delete(id)
  })
  const leave = simulation.register(() => {
    for (const carriage of setOut.values()) {
      const { links, bytes, latencySeconds, place } = carriage
      const id = carriages++
      underWay.set(id, carriage)
      use(links, 1)
      counts[place].writtenBytes += bytes
      carriage.flow = wires.network.start({ bytes, links, latencySeconds }, arrived, id)
    }
    setOut.clear()
  })
  /** Bytes that a flow will not carry. */
  const takenOff = (flow: number): number => {
    const left = wires.network.remainingOf(flow)
    wires.network.cancel(flow)
    return left
  }
  const placesOf = (replica: number): readonly TierPlace[] => poolOf(replica).cache.tiers!.tiers.map((tier) => tier.in)
  const carry = (own: SchedulerTiers, from: number, to: number, entry: number, bytes: number): void => {
    const key = (own.replica * 4 + from + 1) * 4 + to
    const store = own.stores[to]!
    let carriage = setOut.get(key)
    if (carriage === undefined) {
      const ways = wires.tiers(own.replica)
      const way = ways[to]!
      carriage = {
        replica: own.replica,
        links: from < 0 ? way.down : [...ways[from]!.out, ...way.onward],
        latencySeconds: way.latencySeconds,
        place: poolOf(own.replica).cache.tiers!.tiers[to]!.in,
        store,
        entries: [],
        generations: [],
        bytes: 0,
        flow: -1
      }
      if (setOut.size === 0) simulation.at(simulation.now, leave, 0)
      setOut.set(key, carriage)
    }
    carriage.bytes += bytes
    carriage.entries.push(entry)
    carriage.generations.push(store.generation(entry))
  }

  return {
    wires,
    flowsOn,
    stores,
    counts,
    byId: new Map(),
    made: 0,
    schedulerOf: (replica) => {
      const pool = poolOf(replica)
      const { tiers, blockTokens } = pool.cache
      if (tiers === undefined) return null
      return makeSchedulerTiers(
        {
          replica,
          stores: wires.tiers(replica).map((way, tier) => storeOf(way, tiers.tiers[tier]!.in)),
          hostTier: tiers.tiers.findIndex((tier) => tier.in === "host"),
          writeAfterUses: tiers.writeAfterUses,
          blockBytes: Math.ceil(blockTokens * modelKeyValueBytes(pool.target)),
          salt: saltOf(pools, pool)
        },
        { carry, acting }
      )
    },
    waysOf: wires.tiers,
    follow: (replica, tier, bytes) => {
      const { up: links, rateCap } = wires.tiers(replica)[tier]!
      use(links, 1)
      const id = followed++
      const flow = wires.network.start({ bytes, links, rateCap }, hasFollowed, id)
      followings.set(id, { replica, tier, links, flow })
    },
    placesOf,
    abandon: (replica) => {
      for (const [key, carriage] of setOut) {
        if (carriage.replica !== replica) continue
        setOut.delete(key)
        leaveOut(carriage)
      }
      for (const [id, carriage] of underWay) {
        if (carriage.replica !== replica) continue
        underWay.delete(id)
        use(carriage.links, -1)
        const left = takenOff(carriage.flow)
        counts[carriage.place].writtenBytes -= left
        // What arrives at this very moment is there.
        if (left > 1e-9 * carriage.bytes) leaveOut(carriage)
        else putIn(carriage)
      }
      for (const [id, { replica: whose, tier, links, flow }] of followings) {
        if (whose !== replica) continue
        followings.delete(id)
        use(links, -1)
        counts[placesOf(replica)[tier]!].readBytes -= takenOff(flow)
      }
    }
  }
}

const putIn = ({ store, entries, generations }: Carriage): void => {
  for (const [index, entry] of entries.entries()) store.arrive(entry, generations[index]!)
}

const leaveOut = ({ store, entries, generations }: Carriage): void => {
  for (const [index, entry] of entries.entries()) store.abandon(entry, generations[index]!)
}

const noCounts = (place: TierPlace): Counts => ({
  in: place,
  hitTokens: 0,
  declinedTokens: 0,
  readBytes: 0,
  writtenBytes: 0,
  evictions: 0,
  usedBytes: 0,
  capacityBytes: 0
})

/** Pools can use one another's blocks if model, number format and size of blocks are the same. */
const saltOf = (pools: readonly Pool[], { target, cache }: Pool): number => {
  const first = pools.findIndex(
    (other) =>
      other.target.model.name === target.model.name &&
      other.target.keyValuePrecision === target.keyValuePrecision &&
      other.cache.blockTokens === cache.blockTokens
  )
  return Math.imul(first, 0x9e3779b1)
}

/** Totals of every kind of tier that there is, the fastest first. */
export const tierTotals = ({ counts, stores }: RunTiers): readonly TierTotals[] => {
  const all = [...stores.values()]
  return tierPlaces.flatMap((place) => {
    const mine = all.filter((one) => one.in === place).map(({ store }) => store)
    if (mine.length === 0) return []
    const sum = (of: (store: TierStore) => number): number => mine.reduce((total, store) => total + of(store), 0)
    return {
      ...counts[place],
      evictions: sum(({ evictions }) => evictions),
      usedBytes: sum(({ usedBytes }) => usedBytes),
      capacityBytes: sum(({ capacityBytes }) => capacityBytes)
    }
  })
}
