/**
 * What LoRA adapters of a rank weigh and cost on a server.
 *
 * A linear layer of n inputs and m outputs has two matrices of rank x (n + m) numbers in 16 bits. A step runs two small kernels
 * a layer and module (down to the rank, up from it), reads the matrices of every adapter that is present once, and reads and
 * writes the activations of every token beside the layer: all of it is traffic, whatever the rank (Punica, arXiv 2310.18547,
 * section 6: SGMV is bound by memory). On Llama 2 7B, an A100 and all seven modules it adds 2 ms to a step (ibid., abstract):
 * 448 kernels of 4.5 microseconds.
 */
import type { InferenceTarget } from "../../inference/index.ts"

/** Modules of a layer that adapters change: of attention (q, k, v, o), or those of the feed-forward block as well. */
export type AdaptedModules = "attention" | "all"

export interface AdapterCost {
  /** Bytes of an adapter on each accelerator. */
  readonly bytes: number
  /** Seconds of a stage's step, whatever is in it, and those that each adapter and each token adds. */
  readonly stepSeconds: number
  readonly secondsPerAdapter: number
  readonly secondsPerToken: number
  /** Seconds to load an adapter from the host. */
  readonly loadSeconds: number
}

const kernelSeconds = 4.5e-6
/** Of the bandwidth; what the elementwise kernels of the step model reach too. */
const trafficShare = 0.8
const bytesPerNumber = 2

/** Inputs and outputs of each adapted module of a layer. */
const shapes = ({ model }: InferenceTarget, modules: AdaptedModules): readonly (readonly [number, number])[] => {
  const { hidden, heads, keyValueHeads, headDimension, feedForward, gated } = model
  const attention = [
    [hidden, heads * headDimension],
    [hidden, keyValueHeads * headDimension],
    [hidden, keyValueHeads * headDimension],
    [heads * headDimension, hidden]
  ] as const
  const up = Array.from({ length: gated ? 2 : 1 }, () => [hidden, feedForward] as const)
  return modules === "attention" ? attention : [...attention, ...up, [feedForward, hidden]]
}

/** @param hostBytesPerSecond  rate at which an accelerator reads from its host */
export const adapterCost = (
  target: InferenceTarget,
  rank: number,
  modules: AdaptedModules,
  hostBytesPerSecond: number
): AdapterCost => {
  const { model, layout, accelerator } = target
  const all = shapes(target, modules)
  const width = all.reduce((sum, [inputs, outputs]) => sum + inputs + outputs, 0)
  const layers = model.layers / layout.pipeline
  const bytes = (layers * rank * width * bytesPerNumber) / layout.tensor
  const rate = trafficShare * accelerator.memory.bytesPerSecond
  return {
    bytes,
    stepSeconds: layers * 2 * all.length * kernelSeconds,
    secondsPerAdapter: bytes / rate,
    secondsPerToken: (layers * width * bytesPerNumber) / layout.tensor / rate,
    loadSeconds: bytes / hostBytesPerSecond
  }
}
