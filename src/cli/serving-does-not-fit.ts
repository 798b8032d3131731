/**
 * Why a model cannot be served here: what fills the fullest accelerator, and the smallest changes that make it fit.
 */
import { requestTokens, type ResolvedServing, type ServingAlternative } from "../scenario/index.ts"
import { formatBytes, formatCount } from "../units/index.ts"
import { servingChangeLine } from "./changes-text.ts"
import { hanging, wrapped } from "./wrapping.ts"

export const servingDoesNotFitText = (
  { job }: ResolvedServing,
  alternatives: readonly ServingAlternative[]
): string => {
  const { memory, target } = job
  const tokens = requestTokens(job)
  const parts = [
    ["weights", memory.weights],
    ["activations", memory.activations],
    ["overhead", memory.overhead],
    [`KV of one request (${formatCount(tokens)} tokens)`, tokens * memory.keyValueBytesPerToken]
  ] as const
  const needed = parts.reduce((sum, [, bytes]) => sum + bytes, 0)
  const given = job.cache.blocks * job.cache.blockTokens < tokens && memory.fits && needed <= memory.usableBytes
  const where = given
    ? `${formatCount(job.cache.blocks)} blocks of ${formatCount(job.cache.blockTokens)} tokens hold no request of ${formatCount(tokens)}`
    : `${target.model.title} needs ${formatBytes(needed)} on the fullest accelerator; ${target.stack.title} uses ${formatBytes(memory.usableBytes)} of the ${formatBytes(memory.capacityBytes)} that software sees`
  return [
    ...hanging("does not fit:", where, 14),
    ...wrapped(
      parts.filter(([, bytes]) => bytes > 0).map(([name, bytes]) => `${name} ${formatBytes(bytes)}`),
      " · ",
      78
    ).map((line) => `  ${line}`),
    ...(alternatives.length === 0
      ? ["  none of the usual changes fits: it takes more accelerators or a smaller model"]
      : [
          "  the smallest changes that fit (each tried with a few requests):",
          ...alternatives.map((way) => `    ${servingChangeLine(way)}`)
        ])
  ].join("\n")
}
