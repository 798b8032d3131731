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
  // One communication stream: scatters as soon as their layer has computed, gathers in order.
  const scatters: number[] = []
  let nextGather = 0
  let nextCompute = 0
  let computing = false
  let communicating = false

  const at = (values: readonly number[], layer: number): number => values[layer % perPass] ?? 0
  const communicate = (): void => {
    if (communicating) return
    // Gradients of a layer that has computed are ready before the next gather is asked for: first come, first served.
    const layer = scatters.shift()
    if (layer !== undefined) {
      communicating = true
      simulation.after(at(layers.scatterSeconds, layer), scatterDone, layer)
      return
    }
    // A layer may be gathered once the layer `prefetch` before it has begun.
    if (nextGather >= count || nextGather > nextCompute + layers.prefetch - (computing ? 1 : 0)) return
    communicating = true
    simulation.after(at(layers.gatherSeconds, nextGather), gatherDone, nextGather)
    nextGather++
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
    if (at(layers.scatterSeconds, layer) > 0) scatters.push(layer)
    compute()
    communicate()
  })
  communicate()
  simulation.run()
  const busy = layers.computeSeconds.reduce((sum, seconds) => sum + seconds, 0)
  return Math.max(0, (ends[count - 1] ?? 0) - (ends[perPass - 1] ?? 0) - busy)
}
