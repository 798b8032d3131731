/**
 * What a little more of each resource does, as a section of a report.
 */
import { effectBars } from "../charts/index.ts"
import { formatFigures } from "../units/index.ts"
import { list, picture, table, text, type Section } from "./document.ts"
import { amount, change, words } from "./show.ts"

/** A sensitivity as a report tells it. */
export interface SensitivityFindings {
  /** 0.1 = ten per cent more of each. */
  readonly by: number
  /** "10 % more network buys 3.1 % more tokens/s". */
  readonly finding: string
  readonly remarks: readonly string[]
  readonly objectives: readonly { readonly title: string }[]
  /** The largest effect first; a response to each objective, in their order. */
  readonly effects: readonly {
    readonly title: string
    /** What the resource became over what it was. */
    readonly more: number
    readonly responses: readonly {
      readonly elasticity: number | null
      readonly withMore: number | null
      readonly withLess: number | null
      readonly shape: string
    }[]
  }[]
}

const mostObjectives = 4
const meanings: Readonly<Record<string, string>> = { smooth: "", bend: "bend", step: "whole pieces", none: "unknown" }

export const sensitivitySection = (found: SensitivityFindings | undefined): readonly Section[] => {
  const objective = found?.objectives[0]
  if (found === undefined || objective === undefined) return []
  const { by, effects, objectives, finding, remarks } = found
  const per = (share: number): string => `${formatFigures(100 * share)} %`
  // A doubling would dwarf the others.
  const drawn = effects.filter(({ more }) => more < 1 + 2 * by)
  return [
    {
      id: "sensitivity",
      title: "What more would buy",
      blocks: [
        text(
          `Each resource ${per(by)} up and ${per(by / (1 + by))} down, everything else as it is, with the same random draws. Elasticity is per cent of the result for a per cent of the resource.`
        ),
        picture(
          effectBars({
            title: `${finding.charAt(0).toUpperCase()}${finding.slice(1)}`,
            more: `${per(by)} more: ${objective.title}`,
            less: `${per(by / (1 + by))} less`,
            rows: drawn.map(({ title, responses: [response] }) => ({
              name: title,
              withMore: response?.withMore ?? null,
              withLess: response?.withLess ?? null
            }))
          })
        ),
        table(
          "Sensitivity",
          [
            words("resource"),
            amount("moved", "times"),
            change(`${objective.title} with more`),
            change(`${objective.title} with less`),
            ...objectives.slice(0, mostObjectives).map(({ title }) => amount(`elasticity of ${title}`, "")),
            words("shape")
          ],
          effects.map(({ title, more, responses }) => [
            title,
            more,
            responses[0]?.withMore ?? null,
            responses[0]?.withLess ?? null,
            ...objectives.slice(0, mostObjectives).map((_, index) => responses[index]?.elasticity ?? null),
            meanings[responses[0]?.shape ?? "none"] ?? ""
          ])
        ),
        ...(remarks.length === 0 ? [] : [list(remarks)])
      ]
    }
  ]
}
