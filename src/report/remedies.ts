/**
 * What would help most: the changes that were simulated, ranked by what they bring.
 */
import { changeText } from "../scenario/index.ts"
import { list, table, text, type Block, type Section } from "./document.ts"
import type { Candidate } from "./candidate.ts"
import type { ServingPoint, TrainingPoint } from "./point.ts"
import { wellServed, type ServingStudy, type TrainingStudy } from "./study.ts"
import { amount, bytes, change, listed, money, seconds, share, words } from "./show.ts"

/** Less than this is no help. */
const least = 0.005

const kinds: Readonly<Record<Candidate["kind"], string>> = {
  setting: "setting",
  layout: "layout",
  hardware: "new hardware"
}

const setText = ({ changes, kind }: Candidate): string | null => (kind === "hardware" ? null : changeText(changes))

const shownMost = 8

const rest = (names: readonly string[], impossible: readonly Candidate[]): readonly Block[] => {
  const items = [
    ...(names.length === 0 ? [] : [`Simulated, and no help: ${listed(names)}.`]),
    ...(impossible.length === 0 ? [] : [`Cannot run or does not fit: ${listed(impossible.map(({ name }) => name))}.`])
  ]
  return items.length === 0 ? [] : [list(items)]
}

const sectionOf = (blocks: readonly Block[]): Section => ({ id: "help", title: "What would help most", blocks })

export const trainingHelp = (base: TrainingPoint, { tried, impossible }: TrainingStudy): Section => {
  const gain = ({ tokensPerSecond }: TrainingPoint): number => tokensPerSecond / base.tokensPerSecond - 1
  const ranked = tried.toSorted((one, other) => gain(other.point) - gain(one.point))
  const helping = ranked.filter(({ point }) => gain(point) > least)
  const best = helping.find(({ candidate }) => candidate.kind !== "hardware")
  return sectionOf([
    text(
      best === undefined
        ? "No small change of settings or layout that was simulated makes an iteration faster."
        : `Of what costs nothing, ${best.candidate.name} helps most: ${(gain(best.point) * 100).toFixed(1)} % more tokens a second.`
    ),
    ...(helping.length === 0
      ? []
      : [
          table(
            "Changes that help, each simulated by itself",
            [
              words("change"),
              words("kind"),
              change("throughput"),
              seconds("iteration"),
              bytes("memory of the fullest"),
              words("fields")
            ],
            helping
              .slice(0, shownMost)
              .map(({ candidate, point }) => [
                candidate.name,
                kinds[candidate.kind],
                gain(point),
                point.iterationSeconds,
                point.peakBytes,
                setText(candidate)
              ])
          )
        ]),
    ...rest(
      ranked.filter(({ point }) => gain(point) <= least).map(({ candidate }) => candidate.name),
      impossible
    )
  ])
}

/** What a server is improved for: what it lacks. */
const aimOf = (base: ServingPoint): { readonly name: string; readonly gain: (point: ServingPoint) => number } => {
  if (base.verdict === "overloaded" || (base.verdict === "closed" && base.attained === null))
    return {
      name: "output tokens a second",
      gain: (point) => point.outputTokensPerSecond / base.outputTokensPerSecond - 1
    }
  if (base.attained !== null && base.attained < wellServed)
    return { name: "requests that meet every goal", gain: (point) => (point.attained ?? 0) - (base.attained ?? 0) }
  if (base.verdict === "closed")
    return {
      name: "output tokens a second",
      gain: (point) => point.outputTokensPerSecond / base.outputTokensPerSecond - 1
    }
  return {
    name: "requests a second that it could serve",
    gain: (point) => point.capacityPerSecond / base.capacityPerSecond - 1
  }
}

/** None where no change was asked for. */
export const servingHelp = (base: ServingPoint, { tried, impossible }: ServingStudy): readonly Section[] => {
  if (tried.length + impossible.length === 0) return []
  const aim = aimOf(base)
  const isShare = aim.name === "requests that meet every goal"
  const ranked = tried
    .filter(({ point }) => Number.isFinite(aim.gain(point)))
    .toSorted((one, other) => aim.gain(other.point) - aim.gain(one.point))
  const helping = ranked.filter(({ point }) => aim.gain(point) > least)
  const best = helping.find(({ candidate }) => candidate.kind !== "hardware")
  const says = (gain: number): string =>
    isShare ? `${(gain * 100).toFixed(1)} points more` : `${(gain * 100).toFixed(1)} % more`
  const hasPrice = base.dollarsPerMillionOutputTokens !== null
  const blocks: readonly Block[] = [
    text(
      best === undefined
        ? `No small change of settings or layout that was simulated brings more ${aim.name}.`
        : `Of what costs nothing, ${best.candidate.name} helps most: ${says(aim.gain(best.point))} ${aim.name}.`
    ),
    ...(helping.length === 0
      ? []
      : [
          table(
            `Changes that help, each simulated by itself, ranked by ${aim.name}`,
            [
              words("change"),
              words("kind"),
              isShare ? share("met every goal") : change(aim.name),
              amount("could serve", "requests/s"),
              seconds("p99 first token"),
              seconds("p99 per token"),
              ...(hasPrice ? [money("a million output tokens")] : []),
              words("fields")
            ],
            helping.slice(0, shownMost).map(({ candidate, point }) => [
              candidate.name,
              kinds[candidate.kind],
              isShare ? point.attained : aim.gain(point),
              point.capacityPerSecond,
              point.ttft.p99,
              point.tpot.p99,
              // What other hardware costs an hour is not known here.
              ...(hasPrice ? [candidate.kind === "hardware" ? null : point.dollarsPerMillionOutputTokens] : []),
              setText(candidate)
            ])
          )
        ]),
    ...rest(
      ranked.filter(({ point }) => aim.gain(point) <= least).map(({ candidate }) => candidate.name),
      impossible
    )
  ]
  return [sectionOf(blocks)]
}
