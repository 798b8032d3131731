/**
 * Where a training's time, memory and money go, and what more accelerators bring.
 */
import { breakdownBar, costCurve, memoryBar, scalingCurve, type Part, type Picture } from "../charts/index.ts"
import type { StageMemory, TrainingResult } from "../training/index.ts"
import { formatBytes, formatFigures, formatPercent, formatQuantity3, formatSeconds } from "../units/index.ts"
import { grouped, trainingParts } from "./breakdown.ts"
import { list, picture, table, text, type Section } from "./document.ts"
import { amount, count, money, seconds, share, words } from "./show.ts"
import type { TrainingFindings } from "./training-findings.ts"

export const breakdownPicture = (result: TrainingResult): Picture => {
  const parts = trainingParts(result.breakdown)
  const [first, second] = grouped(parts)
  const part = (one: { readonly name: string; readonly value: number } | undefined): string =>
    one === undefined ? "" : `${one.name} ${formatPercent(one.value / result.iterationSeconds)}`
  return breakdownBar({
    title: `Of an iteration of ${formatSeconds(result.iterationSeconds)}, ${part(first)}, then ${part(second)}`,
    parts,
    unit: "time, s",
    format: formatSeconds
  })
}

/** @param isDrawn  whether the bar belongs here: it is on the first page else */
export const breakdownSection = (result: TrainingResult, isDrawn: boolean): Section => ({
  id: "time",
  title: "Where an iteration goes",
  blocks: [
    ...(isDrawn ? [picture(breakdownPicture(result))] : []),
    table(
      "Seconds of an average stage, which add up to the iteration",
      [words("part"), seconds("time"), share("share")],
      trainingParts(result.breakdown)
        .filter(({ value }) => value > 0)
        .toSorted((one, other) => other.value - one.value)
        .map(({ name, value }) => [name, value, value / result.iterationSeconds])
    )
  ]
})

const kinds: readonly (readonly [keyof StageMemory["kinds"], string, Part["colour"], number])[] = [
  ["weights", "weights", "memory", 1],
  ["gradients", "gradients", "memory", 0.7],
  ["optimizer", "optimizer states", "memory", 0.45],
  ["activations", "activations", "compute", 1],
  ["logits", "logits", "compute", 0.6],
  ["buffers", "buffers", "host", 1],
  ["context", "context of the driver", "host", 0.7],
  ["fragmentation", "fragmentation", "other", 1]
]

export const memoryPicture = ({ memory: { capacityBytes, fits, fullest, stages } }: TrainingResult): Picture =>
  memoryBar({
    title: `The fullest accelerator, of stage ${fullest.stage}, ${fits ? "uses" : "needs"} ${formatBytes(fullest.peakBytes)} of ${formatBytes(capacityBytes)}: ${formatBytes(Math.abs(capacityBytes - fullest.peakBytes))} ${fits ? "are spare" : "are missing"}`,
    capacityBytes,
    bars: stages.map((one) => ({
      name: `stage ${one.stage}`,
      parts: kinds.map(([kind, name, colour, depth]): Part => ({ name, value: one.kinds[kind], colour, depth }))
    }))
  })

export const memorySection = (result: TrainingResult): Section => {
  const { fullest, capacityBytes } = result.memory
  return {
    id: "memory",
    title: "Memory and headroom",
    blocks: [
      ...(result.memory.fits ? [picture(memoryPicture(result))] : []),
      text(
        `The peak comes ${formatSeconds(fullest.atSeconds)} into the iteration, during ${fullest.during}. Headroom on the fullest accelerator: ${formatPercent(1 - fullest.peakBytes / capacityBytes)} of ${formatBytes(capacityBytes)}.`
      )
    ]
  }
}

export const scalingSection = ({ resolved, study }: TrainingFindings): readonly Section[] =>
  study.sizes.length < 2
    ? []
    : [
        {
          id: "scaling",
          title: "Throughput against accelerators",
          blocks: [
            text("More and fewer data-parallel replicas of the same layout, at the same global batch."),
            picture(
              scalingCurve({
                unit: "tokens/s",
                points: study.sizes.map(({ accelerators, tokensPerSecond }) => ({
                  accelerators,
                  rate: tokensPerSecond
                })),
                here: resolved.accelerators
              })
            )
          ]
        }
      ]

export const costSection = ({ resolved, result, study }: TrainingFindings): readonly Section[] => {
  const sizes = study.sizes.flatMap(({ accelerators, dollarsPerMillionTokens: perMillion }) =>
    perMillion === null ? [] : [{ at: accelerators, dollars: perMillion }]
  )
  return [
    {
      id: "cost",
      title: "Cost and energy",
      blocks: [
        ...(sizes.length < 2
          ? []
          : [
              picture(
                costCurve({
                  what: "a million tokens",
                  by: "accelerators",
                  unit: "accelerators",
                  points: sizes,
                  here: resolved.accelerators
                })
              )
            ]),
        table(
          "By number of accelerators",
          [
            count("accelerators"),
            seconds("iteration"),
            share("MFU"),
            amount("energy of a token", "J"),
            ...(sizes.length === 0 ? [] : [money("a million tokens")])
          ],
          study.sizes.map((one) => [
            one.accelerators,
            one.iterationSeconds,
            one.modelFlopsUtilisation,
            one.joulesPerToken,
            ...(sizes.length === 0 ? [] : [one.dollarsPerMillionTokens])
          ])
        ),
        list([
          `An iteration takes ${formatQuantity3(result.energy.joulesPerIteration, "J")}, hosts and network cards included.`,
          ...(result.run?.gramsCarbon == null
            ? []
            : [`The run emits ${formatFigures(result.run.gramsCarbon / 1e6)} tonnes of CO2e.`])
        ])
      ]
    }
  ]
}
