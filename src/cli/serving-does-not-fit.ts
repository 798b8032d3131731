/**
 * Why a model cannot be served here: what fills the fullest accelerator, and the smallest changes that make it fit.
 */
import { requestTokens, type ResolvedServing, type ServingAlternative } from "../scenario/index.ts"
import { formatBytes, formatCount, formatSeconds } from "../units/index.ts"
import { hanging, wrapped } from "./wrapping.ts"

/** Changes in the words of a scenario: "tensor: 2, accelerators: 2", "offload.share: 0.5". */
const changesText = (changes: ServingAlternative["changes"]): string =>
  Object.entries(changes)
    .map(([path, value]) => `${path.replace(/^(?:serving|cluster)\.(?:parallelism\.)?/, "")}: ${String(value)}`)
    .join(", ")

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
          "  the smallest changes that fit (each planned):",
          ...alternatives.map(({ changes, job: changed, tokenSeconds }) => {
            const room = `KV for ${formatCount(changed.cache.blocks * changed.cache.blockTokens)} tokens`
            return `    ${changesText(changes).padEnd(36)}${room.padEnd(24)}${formatSeconds(tokenSeconds)}/token`.trimEnd()
          })
        ])
  ].join("\n")
}
