/** A whole training run: how long and how sure, the course of one of the simulated runs, what stopped it, how often to save. */
import { lineChart, timeAxis, type Axis, type Point } from "../../src/charts/index.ts"
import { formatCount, formatFigures, formatPercent, formatSeconds } from "../../src/units/index.ts"
import { doingName, failuresOf, type RunFailure, type Spread, type WholeRunFigures } from "../model/whole-run.ts"
import { breakdownBar } from "./bar.ts"
import { chart, smallChart, widthUpTo } from "./chart.ts"
import { definitions, h, table } from "./dom.ts"

export interface RunViewActions {
  /** Whether the timeline shows the course of the run rather than an iteration. */
  readonly isInTimeline: boolean
  readonly toggleTimeline: () => void
  /** Shows a stretch of the course in the timeline. */
  readonly showCourse: (start: number, end: number) => void
}

const mostDots = 100
/** Rows of the table of failures. */
const mostRows = 200

export const runView = (figures: WholeRunFigures, actions: RunViewActions): HTMLElement => {
  const { runs, seconds, goodput, breakdown } = figures
  const range = ({ p5, p95 }: Spread, format: (value: number) => string): string =>
    runs > 1 && format(p5) !== format(p95) ? `, ${format(p5)} to ${format(p95)} in nine of ten` : ""
  const said = (spread: Spread, format: (value: number) => string): string =>
    `${format(spread.mean)}${range(spread, format)}`
  return h(
    "div",
    { class: "details whole-run" },
    h(
      "header",
      {},
      h("h2", {}, `The run takes ${said(seconds, formatSeconds)}`),
      h(
        "button",
        { type: "button", "aria-pressed": String(actions.isInTimeline), onclick: actions.toggleTimeline },
        actions.isInTimeline ? "Show an iteration in the timeline" : "Show the run in the timeline"
      )
    ),
    definitions([
      ["training", said(goodput, formatPercent)],
      ["interrupted", `${formatFigures(figures.interruptions.mean)} times`],
      ["work done again", formatSeconds(figures.lostSeconds.mean)],
      ["undisturbed", formatSeconds(figures.idealSeconds)],
      ["steps", formatCount(figures.steps)],
      ["tokens", formatFigures(figures.tokens)],
      ["GPU-hours", formatCount(figures.acceleratorHours.mean)],
      ["energy", `${formatCount(figures.kilowattHours.mean)} kWh`],
      ...(figures.cost === undefined ? [] : [["cost", `$${formatFigures(figures.cost.mean)}`] as const]),
      ["simulated runs", formatCount(runs)],
      ...(figures.unfinished > 0 ? [["given up", formatCount(figures.unfinished)] as const] : [])
    ]),
    h(
      "div",
      { class: "charts" },
      courseChart(figures, actions),
      breakdownBar(`${formatPercent(goodput.mean)} of the time is training`, breakdown),
      intervalChart(figures),
      causesTable(figures),
      failureTable(figures, actions)
    )
  )
}

const stepAxis = (most: number): Axis => ({
  label: "steps done",
  unit: 1,
  scale: "linear",
  from: 0,
  to: Math.max(1, most)
})

/** Steps over time; a failure falls back to the last safe step. */
const courseChart = (figures: WholeRunFigures, { showCourse }: RunViewActions): HTMLElement | null => {
  const { spans, isCut } = figures
  const last = spans.at(-1)
  if (last === undefined) return null
  const failures = failuresOf(figures)
  const points = spans.flatMap(({ start, end, fromStep, toStep }): Point[] => [
    [start, fromStep],
    [end, toStep]
  ])
  const lost = failures.reduce((sum, { stepsLost }) => sum + stepsLost, 0)
  return chart(
    lineChart({
      title: `${isCut ? "The beginning of one" : "One"} of the runs: ${failures.length === 0 ? "nothing fails" : `${formatCount(failures.length)} failures, ${formatCount(lost)} steps done again`}`,
      x: { ...timeAxis("time since the start", 0, last.end), isExact: true },
      y: stepAxis(figures.steps),
      lines: [{ name: "", colour: "compute", points }],
      // So many that they would hide the line are in the table alone.
      dots: (failures.length > mostDots ? [] : failures).map((failure) => ({
        x: failure.at,
        y: failure.step,
        title: sentenceOf(failure)
      })),
      size: { width: widthUpTo(560), plotHeight: 150 },
      table: {
        columns: ["what it did", "from, s", "until, s", "steps done before", "after", "safe", "ended by"],
        rows: spans.map(({ doing, start, end, fromStep, toStep, savedStep, cause }) => [
          doingName(doing),
          start,
          end,
          fromStep,
          toStep,
          savedStep,
          cause ?? null
        ])
      }
    }),
    {
      onBrush: ([start, end]) => showCourse(start, end),
      onDot: (index) => {
        const { at, outSeconds } = failures[index]!
        const out = Number.isFinite(outSeconds) ? outSeconds : 3600
        showCourse(at - 2 * out, at + 3 * out)
      }
    }
  )
}

const sentenceOf = ({ at, cause, step, stepsLost, outSeconds }: RunFailure): string =>
  `${formatSeconds(at)}: ${cause} failed at step ${formatCount(step)}; ${formatCount(stepsLost)} steps lost, ${
    Number.isFinite(outSeconds) ? `out for ${formatSeconds(outSeconds)}` : "never back"
  }`

/** How long the run takes by how often it saves. */
const intervalChart = ({ checkpoint }: WholeRunFigures): HTMLElement | null => {
  if (checkpoint === undefined || checkpoint.tried.length < 3) return null
  const { tried, intervalSeconds } = checkpoint
  const best = tried.reduce((a, b) => (b[1] < a[1] ? b : a))
  const [least, most] = [tried[0]![0], tried.at(-1)![0]]
  const totals = tried.map(([, total]) => total)
  return chart(
    lineChart({
      title: `Saving every ${formatSeconds(best[0])} is over soonest; this run saves every ${formatSeconds(intervalSeconds)}`,
      x: timeAxis("work between checkpoints", least, most, "log"),
      y: timeAxis("time of the run", Math.min(...totals) * 0.98, Math.max(...totals)),
      lines: [{ name: "", colour: "memory", points: tried, isMarked: true }],
      marks: intervalSeconds >= least && intervalSeconds <= most ? [{ x: intervalSeconds, name: "this run" }] : [],
      size: smallChart(),
      table: { columns: ["work between checkpoints, s", "time of the run, s"], rows: tried }
    })
  )
}

const causesTable = ({ byCause }: WholeRunFigures): HTMLElement | null =>
  byCause.length === 0
    ? null
    : table(
        "Interruptions of a run, on average",
        [
          { title: "cause", cell: ([cause]: (typeof byCause)[number]) => cause },
          { title: "times", isNumber: true, cell: ([, mean]) => formatFigures(mean) }
        ],
        [...byCause].sort((a, b) => b[1] - a[1])
      )

const failureTable = (figures: WholeRunFigures, { showCourse }: RunViewActions): HTMLElement | null => {
  const failures = failuresOf(figures)
  if (failures.length === 0) return null
  const shown = failures.slice(0, mostRows)
  return table(
    failures.length > mostRows
      ? `The first ${mostRows} of ${formatCount(failures.length)} failures of the run`
      : "Failures of the run",
    [
      {
        title: "after",
        cell: ({ at, outSeconds }: RunFailure) =>
          h(
            "button",
            {
              type: "button",
              class: "link",
              onclick: () => {
                const out = Number.isFinite(outSeconds) ? outSeconds : 3600
                showCourse(at - 2 * out, at + 3 * out)
              }
            },
            formatSeconds(at)
          )
      },
      { title: "what failed", cell: ({ cause }) => cause },
      { title: "at step", isNumber: true, cell: ({ step }) => formatCount(step) },
      { title: "steps lost", isNumber: true, cell: ({ stepsLost }) => formatCount(stepsLost) },
      {
        title: "out for",
        isNumber: true,
        cell: ({ outSeconds }) => (Number.isFinite(outSeconds) ? formatSeconds(outSeconds) : "to the end")
      }
    ],
    shown
  )
}
