/**
 * One report of several runs: which of them is the best buy, then each in full.
 */
import { amount, bytes, count, dollars, listed, money, seconds, share, words } from "./show.ts"
import { formatCount, formatFigures, formatSeconds } from "../units/index.ts"
import { attainedShare, attainedText } from "./attained.ts"
import { differencesOf, mostServed, type NamedServer } from "./alike.ts"
import { table, text, type Block, type Figure, type Report, type Section } from "./document.ts"
import type { ServingPoint, TrainingPoint } from "./point.ts"
import type { WholeRun } from "../training/index.ts"
import { couldBeServed, withinGoals } from "./serving-answer.ts"
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
    withinGoals: rateIn(report, withinGoals),
    couldBeServed: rateIn(report, couldBeServed)
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
    figures: keysOf(contenders.map(({ report }) => report)),
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
          text(
            isServing
              ? "Each run follows. Other numbers of accelerators, changes that may help, and what more of each resource would buy are in a report of it alone: the command windtunnel report with its scenario."
              : "Each run follows. What more of each resource would buy is in a report of it alone: the command windtunnel report with its scenario."
          )
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
      : `None of them meets its goals; ${nearest.name} is nearest, with ${attainedText(nearest.point.attained ?? 0)} of its requests.`
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
    ? `Only ${smallest.name} ${smallest.point.attained === null ? "keeps up" : "meets its goals"}, on ${machines}${nextText(smallest, points)}.`
    : `${smallest.name} does it with the fewest accelerators, ${formatCount(accelerators)}.`
}

/** Who comes nearest to the one that meets its goals, and how near. */
const nextText = (only: NamedServer, points: readonly NamedServer[]): string => {
  const next = cheapest(
    points.filter((one) => one !== only),
    ({ attained }) => (attained === null ? null : -attained)
  )
  return only.point.attained === null || next === undefined
    ? ""
    : `: ${attainedText(only.point.attained)} of its requests are within them, ${attainedText(next.point.attained ?? 0)} of those of ${next.name}`
}

/** Where the price or the number of accelerators tells none from another: what does. */
const alikeAnswer = (alike: readonly NamedServer[], all: readonly NamedServer[], where: string): string => {
  const names = alike.map(({ name }) => name)
  const who = alike.length < all.length ? listed(names) : alike.length === 2 ? "Both" : `All ${alike.length}`
  const [first] = alike
  const share = first?.point.attained ?? null
  const shown = share === null ? "" : attainedText(share)
  const isSame = alike.every(({ point }) => point.attained !== null && attainedText(point.attained) === shown)
  const does = alike.every(({ point }) => point.attained === null)
    ? alike.every(({ point }) => point.verdict === "closed")
      ? "serve their users"
      : "keep up"
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

const servingTable = (points: readonly NamedServer[]): Block =>
  table(
    "Runs that fit",
    [
      words("run"),
      count("accelerators"),
      amount("come", "requests/s"),
      amount("served", "requests/s"),
      amount(withinGoals, "requests/s"),
      amount(couldBeServed, "requests/s"),
      seconds("p99 first token"),
      seconds("p99 per token"),
      attainedShare("met goals"),
      money("a million output tokens")
    ],
    points.map((server) => {
      const { name, point, withinGoals: within } = server
      return [
        name,
        point.accelerators,
        point.verdict === "closed" ? null : point.offeredPerSecond,
        point.requestsPerSecond,
        within ?? null,
        mostServed(server),
        point.ttft.p99,
        point.tpot.p99,
        point.attained,
        point.dollarsPerMillionOutputTokens
      ]
    })
  )

/** A figure in requests/s; undefined where the report has none. */
const rateIn = ({ figures }: Report, wanted: string): number | null | undefined =>
  figures.find(({ name, unit }) => name === wanted && unit === "requests/s")?.value

/** Figures of which the first that all reports have tells them apart best. */
const telling = [withinGoals, couldBeServed]

/** One figure of each, the same of all, under its name. */
const keysOf = (reports: readonly Report[]): readonly Figure[] => {
  const shared = telling.find((wanted) => reports.every(({ figures }) => figures.some(({ name }) => name === wanted)))
  return reports.flatMap(({ title, figures }) =>
    figures
      .filter(({ name }, index) => (shared === undefined ? index === 0 : name === shared))
      .map((figure) => ({ ...figure, note: figure.name, name: title }))
  )
}

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
