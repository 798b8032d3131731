/**
 * How many token copies the experts of a mixture compute and exchange: routing imbalance, capacity, dropped tokens.
 *
 * An expert of capacity factor c takes at most c times its mean load (GShard, arXiv:2006.16668, section 3.1; Switch
 * Transformers, arXiv:2101.03961, section 2.2). What comes beyond is dropped: the token passes by on the residual. Where
 * buffers have a fixed shape, every expert computes and every exchange carries c times the mean, empty places included.
 */

/** The places an expert has for token copies. */
export interface ExpertCapacity {
  /** Places over the mean load. */
  readonly factor: number
  /** Whether empty places are computed and sent as well (static shapes, `--moe-pad-expert-input-to-capacity`). */
  readonly padded: boolean
}

export interface ExpertLoad {
  /** Token copies that the busiest expert computes, over the mean load. */
  readonly busiest: number
  /** Token copies on the wires, over those routed. */
  readonly exchanged: number
  /** Share of the routed copies that no expert computes. */
  readonly dropped: number
}

/** Beyond this exponent one expert takes all. */
const steepest = 64

/** Loads over their mean, busiest first, of experts ranked by a power law whose first is `imbalance` times the mean. */
const rankedLoads = (experts: number, imbalance: number): Float64Array => {
  const loadsAt = (exponent: number): Float64Array => {
    const loads = Float64Array.from({ length: experts }, (_, rank) => (rank + 1) ** -exponent)
    const mean = loads.reduce((sum, load) => sum + load, 0) / experts
    return loads.map((load) => load / mean)
  }
  let [flat, steep] = [0, steepest]
  for (let step = 0; step < 60; step++) {
    const middle = (flat + steep) / 2
    if ((loadsAt(middle)[0] ?? 0) < imbalance) flat = middle
    else steep = middle
  }
  return loadsAt(steep)
}

/** Share of the copies beyond `factor` times the mean load. */
const droppedShare = (experts: number, imbalance: number, factor: number): number => {
  if (factor >= imbalance) return 0
  if (imbalance <= 1) return 1 - factor
  let beyond = 0
  for (const load of rankedLoads(experts, imbalance)) beyond += Math.max(0, load - factor)
  return beyond / experts
}

/**
 * Load of the experts of a layer.
 *
 * @param imbalance busiest expert's routed copies over the mean; between the busiest and the least the loads are taken
 *                  to fall as a power of their rank, as measured routers roughly do; only what is dropped depends on it
 */
export const expertLoad = (experts: number, imbalance: number, capacity?: ExpertCapacity): ExpertLoad => {
  if (capacity === undefined) return { busiest: imbalance, exchanged: 1, dropped: 0 }
  const dropped = droppedShare(experts, imbalance, capacity.factor)
  if (capacity.padded) return { busiest: capacity.factor, exchanged: capacity.factor, dropped }
  return { busiest: Math.min(imbalance, capacity.factor), exchanged: 1 - dropped, dropped }
}
