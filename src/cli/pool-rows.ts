/**
 * The pools of a fleet in a summary: what each is made of, what it did, and what requests waited between two of them.
 */
import type { ResolvedServing } from "../scenario/index.ts"
import type { PoolResult } from "../serving/index.ts"
import { formatCount, formatFigures, formatPercent, formatSeconds } from "../units/index.ts"
import { beside, row } from "./summary-parts.ts"
import { columns, wrapped } from "./wrapping.ts"

/** Tokens per second, or a dash where no time passed. */
const rate = (perSecond: number): string =>
  Number.isFinite(perSecond) ? (perSecond < 1e6 ? formatFigures(perSecond) : formatCount(perSecond)) : "-"

const perNode =
  (what: string, remark = "") =>
  (tokens: number): string =>
    `${rate(tokens)} ${what} tokens/s a node${remark === "" ? "" : ` ${remark}`}`

const roles: Readonly<Record<PoolResult["role"], string>> = {
  both: "prompts and answers",
  prefill: "prompts",
  decode: "answers"
}

export const poolRows = (pools: readonly PoolResult[], { job, scenario }: ResolvedServing): readonly string[] =>
  pools.flatMap((pool, index) => {
    const measured = scenario.serving.pools?.[index]?.measured
    const { target, batching } = job.pools![index]!
    const { tensor, pipeline, expert, dataAttention, feedForward } = target.layout
    const sizes = [
      ["TP", tensor],
      ["PP", pipeline],
      ["EP", expert],
      ["DP attention", dataAttention],
      ["FFN ranks", feedForward?.ranks ?? 1]
    ] as const
    const split = sizes.filter(([, size]) => size > 1).map(([name, size]) => `${name} ${size}`)
    const hasPrompts = pool.prefillTokensPerSecond > 0
    const hasAnswers = pool.decodeTokensPerSecond > 0
    return [
      ...wrapped(
        [
          `pool ${pool.name}: ${roles[pool.role]}`,
          `${formatCount(pool.accelerators)} x ${target.accelerator.title.replace(/^(?:NVIDIA|AMD|Intel|Apple) /, "")}`,
          ...(pool.replicas === 1 ? [] : [`${formatCount(pool.replicas)} replicas`]),
          ...(split.length === 0 ? [] : [split.join(" x ")]),
          target.precision,
          `${target.stack.title}${target.version === "" ? "" : ` ${target.version}`}`,
          `${typeof batching.policy === "string" ? batching.policy : "own policy"}, ${formatCount(batching.maximumSequences)} sequences`,
          ...(job.pools!.some(({ target: { model } }) => model.name !== target.model.name) ? [target.model.title] : [])
        ],
        " · ",
        columns - 2
      ).map((line) => `  ${line}`),
      row(
        "",
        wrapped(
          [
            ...(hasPrompts ? [`${rate(pool.prefillTokensPerSecond)} prompt tokens/s (${rate(pool.prefillTokensPerSecondPerNode)} a node)`] : []), // prettier-ignore
            ...(hasAnswers ? [`${rate(pool.decodeTokensPerSecond)} decoded tokens/s (${rate(pool.decodeTokensPerSecondPerNode)} a node)`] : []), // prettier-ignore
            `busy ${formatPercent(pool.utilisation.busy)}`,
            `MFU ${formatPercent(pool.utilisation.modelFlops)}`,
            `KV ${formatPercent(pool.load.meanKeyValueShare)} used, ${formatPercent(pool.load.peakKeyValueShare)} at most`,
            ...(pool.load.preemptions === 0 ? [] : [`${formatCount(pool.load.preemptions)} preemptions`])
          ],
          " · ",
          columns - 15
        )
      ),
      ...beside(
        pool.promptTokensPerSecondPerNode,
        measured?.promptTokensPerNode,
        undefined,
        perNode("prompt", "with those found")
      ),
      ...beside(pool.decodeTokensPerSecondPerNode, measured?.decodedTokensPerNode, undefined, perNode("decoded")),
      ...(pool.handovers === null || pool.handovers.count === 0
        ? []
        : [
            row(
              "",
              wrapped(
                [
                  `${formatSeconds(pool.handovers.meanSeconds)} from prompt to answer for keys and values (p99 ${formatSeconds(pool.handovers.p99Seconds)})`,
                  ...(pool.handovers.meanBlockedSeconds >= 0.0005
                    ? [`${formatSeconds(pool.handovers.meanBlockedSeconds)} of it for blocks`]
                    : [])
                ],
                " · ",
                columns - 15
              )
            )
          ])
    ]
  })
