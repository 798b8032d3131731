/**
 * The report of a sweep: which point is the best and by how much, what each field does, what is given up for what, and
 * which points cannot be had.
 */
import type { Report } from "../document.ts"
import { formatCount } from "../../units/index.ts"
import { sweepAnswer, sweepFigures, sweepTrust } from "./answer.ts"
import { studiedSweep, type StudiedSweep, type SweepFindings } from "./findings.ts"
import { superlative } from "./metric.ts"
import { seedsOf } from "./points.ts"
import { askedSection, bestSection, chartSections, keyPicture, lostSection } from "./sections.ts"

export const sweepReport = (findings: SweepFindings): Report => {
  const { name, rows, objective, x, y, provenance } = findings
  const studied = studiedSweep(rows, objective)
  const place = (path: string | undefined): number | undefined => {
    const found = studied.fields.findIndex((field) => field.path === path)
    return found < 0 ? undefined : found
  }
  const asked = { x: place(x), y: place(y) }
  return {
    kind: "sweep",
    title: name,
    about: aboutOf(findings, studied),
    answer: sweepAnswer(findings, studied),
    figures: sweepFigures(findings, studied),
    trust: sweepTrust(findings, studied),
    picture: keyPicture(studied, asked),
    assumptions: assumptionsOf(findings, studied),
    sections: [
      ...chartSections(studied, asked),
      ...bestSection(studied),
      ...lostSection(studied),
      askedSection(studied)
    ],
    provenance: [provenance]
  }
}

const aboutOf = ({ done, total, where }: SweepFindings, { fields, points }: StudiedSweep): readonly string[] => {
  const seeds = seedsOf(points)
  return [
    `a sweep over ${fields.map(({ name, values }) => `${name} (${formatCount(values.length)})`).join(", ")}`,
    ...(seeds > 1 ? [`${formatCount(seeds)} seeds`] : []),
    `${done < total ? `${formatCount(done)} of ` : ""}${formatCount(total)} ${seeds > 1 ? "simulations" : "points"}`,
    ...(where === undefined ? [] : [`only where ${where}`])
  ]
}

const assumptionsOf = (
  { objective, where, done, total }: SweepFindings,
  { judgement, points }: StudiedSweep
): readonly string[] => {
  const seeds = seedsOf(points)
  return [
    ...(judgement === undefined
      ? []
      : [
          `Points are judged by ${judgement.metric.phrase}, the ${superlative(judgement.metric)} the best${objective === undefined ? "; --objective takes any other column" : ""}.`
        ]),
    ...(points.some(({ standing }) => standing === "overloaded" || standing === "misses goals")
      ? [
          judgement?.isWithoutGoals === true
            ? "Overloaded servers do not count; goals (workload.slo) are not asked for."
            : "Servers count that keep up with their load and meet their goals (workload.slo) for 99 of 100 requests."
        ]
      : []),
    ...(seeds > 1 ? [`Numbers are means over the seeds of a point; a point that fails with one seed fails.`] : []),
    ...(where === undefined ? [] : [`Only points of which this holds: ${where}.`]),
    ...(done < total ? [`${formatCount(total - done)} points are not simulated yet.`] : [])
  ]
}
