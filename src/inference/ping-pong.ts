/**
 * Attention and feed-forward blocks on ranks of their own: micro-batches go to and fro between both, so that one side computes on
 * one while another is on its way or on the other side (MegaScale-Infer, arXiv:2504.02263, section 4.1; Step-3, arXiv:2507.19427).
 *
 * The order of events is executed: in each layer a micro-batch takes attention, the way there, feed-forward blocks and the way
 * back, each of which serves one at a time, in order. As soon as a layer moves every event by the same seconds, so will the
 * layers like it that follow, and they are passed over at once.
 */

/** Seconds of one micro-batch in one layer: attention, the way to the experts, feed-forward blocks, the way back. */
export interface LayerLegs {
  readonly attention: number
  readonly there: number
  readonly feedForward: number
  readonly back: number
}

/** Layers in a row that are alike. */
export interface LayerRun extends LayerLegs {
  readonly layers: number
}

const tolerance = 1e-12

/** Seconds until the last of `microBatches` micro-batches is through all layers. */
export const pingPongSeconds = (runs: readonly LayerRun[], microBatches: number): number => {
  // When each of the four is free, then when each micro-batch may start its next layer.
  const state = new Float64Array(4 + microBatches)
  const before = new Float64Array(state.length)
  for (const run of runs)
    for (let layer = 0; layer < run.layers; layer++) {
      before.set(state)
      passLayer(state, run)
      const moved = evenMove(before, state)
      if (moved === undefined) continue
      const left = run.layers - layer - 1
      for (let event = 0; event < state.length; event++) state[event]! += left * moved
      break
    }
  return state.reduce((last, at) => Math.max(last, at), 0)
}

const passLayer = (state: Float64Array, { attention, there, feedForward, back }: LayerLegs): void => {
  for (let place = 4; place < state.length; place++) {
    state[0] = Math.max(state[0]!, state[place]!) + attention
    state[1] = Math.max(state[1]!, state[0]) + there
    state[2] = Math.max(state[2]!, state[1]) + feedForward
    state[3] = Math.max(state[3]!, state[2]) + back
    state[place] = state[3]
  }
}

/** The seconds by which every event moved; undefined where they moved unevenly. */
const evenMove = (before: Float64Array, after: Float64Array): number | undefined => {
  const moved = after[0]! - before[0]!
  for (let event = 1; event < after.length; event++)
    if (Math.abs(after[event]! - before[event]! - moved) > tolerance * after[event]!) return undefined
  return moved
}
