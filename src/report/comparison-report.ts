/**
 * One report of several runs: which of them is the best buy, then each in full.
 */
import { amount, bytes, count, dollars, listed, money, seconds, share, words } from "./show.ts"
import { formatCount, formatFigures, formatPercent, formatSeconds } from "../units/index.ts"
import { differencesOf, type NamedServer } from "./alike.ts"
import { table, text, type Block, type Figure, type Report, type Section } from "./document.ts"
import type { ServingPoint, TrainingPoint } from "./point.ts"
import type { WholeRun } from "../training/index.ts"
import { withinGoals } from "./serving-answer.ts"
import { wellServed } from "./study.ts"

export interface Contender {
  readonly report: Report
  /** Undefined where the work does not fit. */
  readonly point: TrainingPoint | ServingPoint | undefined
  /** Where the scenario says what happens in it (training.run). */
  readonly wholeRun?: WholeRun | undefined
}

/** All of one kind, two or more. */
export const comparisonReport = (contenders: readonly Contender[]): Report => {
  const named = contenders.map(({ report, point }) => ({
    name: report.title,
    point,
    withinGoals: report.figures.find(({ name, unit }) => name === withinGoals && unit === "requests/s")?.value
  }))
  const trained = named.flatMap(({ name, point }) =>
    point?.kind === "training" && point.fits ? [{ name, point }] : []
  )
  const served = named.flatMap(({ point, ...rest }) => (point?.kind === "serving" ? [{ ...rest, point }] : []))
  const isServing = served.length > 0
  const unfit = named
    .filter(({ point }) => point === undefined || (point.kind === "training" && !point.fits))
    .map(({ name }) => name)
  const unfitText = unfit.length === 0 ? "" : ` ${listed(unfit)} ${unfit.length === 1 ? "does" : "do"} not fit.`
  return {
    kind: "comparison",
    title: `${contenders.length} ${isServing ? "servers" : "trainings"} compared`,
    about: named.map(({ name }) => name),
    answer: `${isServing ? servingAnswer(served) : trainingAnswer(trained)}${unfitText}`,
    figures: contenders.flatMap(({ report }) => keyOf(report)),
    trust: "How sure: each part below has its prediction intervals and its nearest measured cases.",
    picture: null,
    assumptions: [],
    sections: [
      {
        id: "compared",
        title: "Side by side",
        blocks: [
          isServing ? servingTable(served) : trainingTable(trained),
          ...runTable(contenders),
          text("Each run in full follows.")
        ]
      },
      ...contenders.flatMap(({ report }, index) => inFull(report, index))
    ],
    provenance: contenders.flatMap(({ report }) => report.provenance)
  }
}

interface Named<P> {
  readonly name: string
  readonly point: P
}

const cheapest = <P>(points: readonly Named<P>[], price: (point: P) => number | null): Named<P> | undefined =>
  points.reduce<Named<P> | undefined>((best, one) => {
    const [own, least] = [price(one.point), best === undefined ? null : price(best.point)]
    return own !== null && Number.isFinite(own) && (least === null || own < least) ? one : best
  }, undefined)

const trainingAnswer = (points: readonly Named<TrainingPoint>[]): string => {
  const fastest = cheapest(points, ({ tokensPerSecond }) => -tokensPerSecond)
  const best = cheapest(points, ({ dollarsPerMillionTokens }) => dollarsPerMillionTokens)
  const efficient = cheapest(points, ({ tokensPerSecond, accelerators }) => -tokensPerSecond / accelerators)
  if (fastest === undefined) return "None of them can run."
  const speed = `${fastest.name} is the fastest, ${formatFigures(fastest.point.tokensPerSecond)} tokens/s`
  if (best?.point.dollarsPerMillionTokens != null)
    return `${best.name} is the cheapest, ${dollars(best.point.dollarsPerMillionTokens)} a million tokens; ${speed}.`
  return efficient === undefined || efficient === fastest
    ? `${speed}.`
    : `${speed}; ${efficient.name} does most an accelerator, ${formatFigures(efficient.point.tokensPerSecond / efficient.point.accelerators)} tokens/s.`
}

const servingAnswer = (points: readonly NamedServer[]): string => {
  const meeting = points.filter(
    ({ point }) => point.verdict !== "overloaded" && (point.attained === null || point.attained >= wellServed)
  )
  const [only] = meeting
  if (only === undefined) {
    const nearest = cheapest(points, ({ attained }) => -(attained ?? 0))
    return nearest === undefined
      ? "None of them can run."
      : `None of them meets its goals; ${nearest.name} is nearest, with ${formatPercent(nearest.point.attained ?? 0)} of its requests.`
  }
  const best = cheapest(meeting, ({ dollarsPerMillionOutputTokens }) => dollarsPerMillionOutputTokens)
  const price = best?.point.dollarsPerMillionOutputTokens
  if (best !== undefined && price != null) {
    const text = `${dollars(price)} a million output tokens`
    const alike = meeting.filter(
      ({ point: { dollarsPerMillionOutputTokens: own } }) => own !== null && dollars(own) === dollars(price)
    )
    return alike.length > 1
      ? alikeAnswer(alike, points, `at the same cost, ${text}`)
      : `${best.name} is the cheapest that meets its goals: ${text}, p99 first token ${formatSeconds(best.point.ttft.p99)}.`
  }
  const { accelerators } = (cheapest(meeting, ({ accelerators: own }) => own) ?? only).point
  const alike = meeting.filter(({ point }) => point.accelerators === accelerators)
  const [smallest = only] = alike
  const machines = `${formatCount(accelerators)} accelerator${accelerators === 1 ? "" : "s"}`
  if (alike.length > 1) {
    const fewest = meeting.length > alike.length ? ", the fewest" : ""
    return alikeAnswer(alike, points, `on ${machines} each${fewest}`)
  }
  return meeting.length === 1 && points.length > 1
    ? `Only ${smallest.name} ${smallest.point.attained === null ? "keeps up" : "meets its goals"}, on ${machines}.`
    : `${smallest.name} does it with the fewest accelerators, ${formatCount(accelerators)}.`
}

/** Where the price or the number of accelerators tells none from another: what does. */
const alikeAnswer = (alike: readonly NamedServer[], all: readonly NamedServer[], where: string): string => {
  const names = alike.map(({ name }) => name)
  const who = alike.length < all.length ? listed(names) : alike.length === 2 ? "Both" : `All ${alike.length}`
  const [first] = alike
  const share = first?.point.attained ?? null
  const shown = share === null ? "" : formatPercent(share)
  const isSame = alike.every(({ point }) => point.attained !== null && formatPercent(point.attained) === shown)
  const does = alike.every(({ point }) => point.attained === null)
    ? "keep up"
    : `meet their goals${isSame ? ` with ${shown} of the requests` : ""}`
  return `${who} ${does} ${where}. ${differencesOf(alike).replace(/^nothing/, "Nothing")}.`
}

const trainingTable = (points: readonly Named<TrainingPoint>[]): Block =>
  table(
    "Runs that fit",
    [
      words("run"),
      count("accelerators"),
      seconds("iteration"),
      amount("throughput", "tokens/s"),
      share("MFU"),
      bytes("memory of the fullest"),
      money("a million tokens")
    ],
    points.map(({ name, point }) => [
      name,
      point.accelerators,
      point.iterationSeconds,
      point.tokensPerSecond,
      point.modelFlopsUtilisation,
      point.peakBytes,
      point.dollarsPerMillionTokens
    ])
  )

/** Of the runs whose scenario says what happens in them, means; none where there is no two of them. */
const runTable = (contenders: readonly Contender[]): readonly Block[] => {
  const runs = contenders.flatMap(({ report, wholeRun }) =>
    wholeRun === undefined ? [] : [{ name: report.title, run: wholeRun }]
  )
  if (runs.length < 2) return []
  return [
    table(
      "Whole runs, means over failures",
      [
        words("run"),
        seconds("calendar time"),
        share("goodput"),
        seconds("work done again"),
        amount("interruptions", ""),
        count("GPU-hours"),
        money("cost")
      ],
      runs.map(({ name, run }) => [
        name,
        run.seconds.mean,
        run.goodput.mean,
        run.lostSeconds.mean,
        run.interruptions.total.mean,
        run.acceleratorHours.mean,
        run.cost?.mean ?? null
      ])
    )
  ]
}

const servingTable = (points: readonly Named<ServingPoint>[]): Block =>
  table(
    "Runs that fit",
    [
      words("run"),
      count("accelerators"),
      amount("come", "requests/s"),
      amount("could be served", "requests/s"),
      seconds("p99 first token"),
      seconds("p99 per token"),
      share("met goals"),
      money("a million output tokens")
    ],
    points.map(({ name, point }) => [
      name,
      point.accelerators,
      point.offeredPerSecond,
      point.capacityPerSecond,
      point.ttft.p99,
      point.tpot.p99,
      point.attained,
      point.dollarsPerMillionOutputTokens
    ])
  )

/** The first figure of each, under its name. */
const keyOf = ({ title, figures }: Report): readonly Figure[] =>
  figures.slice(0, 1).map((figure) => ({ ...figure, note: figure.name, name: title }))

const inFull = (
  { title, about, answer, picture, figures, assumptions, trust, sections }: Report,
  index: number
): readonly Section[] => [
  {
    id: `run-${index + 1}`,
    title,
    blocks: [
      text(about.join(" · ")),
      text(answer),
      text(trust),
      ...(picture === null ? [] : [{ kind: "picture", picture } as const]),
      table(
        "Key figures",
        [words("figure"), words("value"), words("interval"), words("")],
        figures.map((one) => [one.name, one.shown, one.interval ?? null, one.note ?? null])
      ),
      { kind: "list", items: assumptions }
    ]
  },
  ...sections.map((section) => ({
    ...section,
    id: `run-${index + 1}-${section.id}`,
    title: `${section.title}: ${title}`
  }))
]
