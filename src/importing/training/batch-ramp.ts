/**
 * A batch that grows at the start of a run, as Megatron and NeMo write it: first batch, increment, sequences until it is full.
 */
import type { OptionReader } from "./options.ts"

/** A scenario's `training.run`, which needs its tokens; undefined where the batch does not grow. */
export const rampOf = (flags: OptionReader, key: string, tokens: number | undefined): unknown => {
  const words = flags.words(key)
  if (words.length === 0 || tokens === undefined) return undefined
  const [from = 0, increment = 0, samples = 0] = words.map((word) => Number(word.replaceAll("_", "")))
  return words.length === 3 && [from, increment, samples].every((value) => Number.isInteger(value) && value > 0)
    ? { batchRamp: { from, increment, samples } }
    : flags.refuse(
        key,
        "three whole numbers: the first batch, the increment, and the sequences until the batch is full"
      )
}
