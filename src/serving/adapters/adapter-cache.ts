/**
 * The LoRA adapters on the accelerators of a scheduler: a number of places, of which those in use stay and the others are
 * given up least recently used first (vLLM's max_loras). A request keeps its adapter from its admission until it leaves the
 * running ones.
 */
export interface AdapterCache {
  /** A request with this adapter can run: it is here, or a place is empty or in nobody's use. */
  readonly hasPlace: (adapter: number) => boolean
  /** The request runs; true when its adapter has to be loaded first. Only after `hasPlace`. */
  readonly take: (adapter: number) => boolean
  /** The request runs no more. */
  readonly give: (adapter: number) => void
  /** Different adapters of running requests. */
  inUse: number
}

export const makeAdapterCache = (places: number): AdapterCache => {
  /** Users of each adapter that is here, the least recently used first. */
  const here = new Map<number, number>()
  const evict = (): void => {
    for (const [adapter, users] of here) {
      if (users > 0) continue
      here.delete(adapter)
      return
    }
  }
  const cache: AdapterCache = {
    inUse: 0,
    hasPlace: (adapter) => here.has(adapter) || here.size < places || cache.inUse < places,
    take: (adapter) => {
      const users = here.get(adapter)
      if (users === undefined && here.size >= places) evict()
      here.delete(adapter)
      here.set(adapter, (users ?? 0) + 1)
      if ((users ?? 0) === 0) cache.inUse++
      return users === undefined
    },
    give: (adapter) => {
      const users = here.get(adapter)! - 1
      here.delete(adapter)
      here.set(adapter, users)
      if (users === 0) cache.inUse--
    }
  }
  return cache
}
