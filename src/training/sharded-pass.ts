/**
 * A pass of a fully sharded stack, layer by layer: each layer's parameters are gathered ahead of use while the layer
 * before computes; gradients are scattered behind the backward pass on the same communication stream.
 */
import { makeSimulation } from "../engine/index.ts"

export interface ShardedLayers {
  /** Seconds each layer computes, in order of execution. */
  readonly computeSeconds: readonly number[]
  /** Seconds to gather each layer's parameters. */
  readonly gatherSeconds: readonly number[]
  /** Seconds to scatter each layer's gradients; zeros in a forward pass. */
  readonly scatterSeconds: readonly number[]
  /** Layers gathered ahead of the one that computes, at least 1. */
  readonly prefetch: number
}

/**
 * Seconds that the compute stream waits in a pass that follows an equal one (the steady state of many micro-batches).
 *
 * Executed as events over two streams for two passes; the second is read.
 */
export const shardedWaitSeconds = (layers: ShardedLayers): number => {
  const perPass = layers.computeSeconds.length
  if (perPass === 0) return 0
  const count = 2 * perPass
  const simulation = makeSimulation()
  const gathered = new Uint8Array(count)
  const starts = new Float64Array(count)
  const ends = new Float64Array(count)
  // One communication stream, first come, first served: a scatter that gathers could overtake would never be waited for.
  const requests: { readonly layer: number; readonly isGather: boolean }[] = []
  let nextGather = 0
  let nextCompute = 0
  let computing = false
  let communicating = false

  const at = (values: readonly number[], layer: number): number => values[layer % perPass] ?? 0
  const communicate = (): void => {
    // A layer may be gathered once `prefetch` layers before it has begun.
    while (nextGather < count && nextGather <= nextCompute + layers.prefetch - (computing ? 1 : 0))
      requests.push({ layer: nextGather++, isGather: true })
    if (communicating) return
    const request = requests.shift()
    if (request === undefined) return
    communicating = true
    const { layer, isGather } = request
    simulation.after(
      at(isGather ? layers.gatherSeconds : layers.scatterSeconds, layer),
      isGather ? gatherDone : scatterDone,
      layer
    )
  }
  const compute = (): void => {
    if (computing || nextCompute >= count || gathered[nextCompute] === 0) return
    computing = true
    starts[nextCompute] = simulation.now
    simulation.after(at(layers.computeSeconds, nextCompute), computeDone, nextCompute)
    nextCompute++
    communicate()
  }
  const gatherDone = simulation.register((layer) => {
    gathered[layer] = 1
    communicating = false
    compute()
    communicate()
  })
  const scatterDone = simulation.register(() => {
    communicating = false
    communicate()
  })
  const computeDone = simulation.register((layer) => {
    computing = false
    ends[layer] = simulation.now
    if (at(layers.scatterSeconds, layer) > 0) requests.push({ layer, isGather: false })
    compute()
    communicate()
  })
  communicate()
  simulation.run()
  const busy = layers.computeSeconds.reduce((sum, seconds) => sum + seconds, 0)
  return Math.max(0, (ends[count - 1] ?? 0) - (ends[perPass - 1] ?? 0) - busy)
}
