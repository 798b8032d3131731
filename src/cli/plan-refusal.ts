/**
 * Why there is no plan, in words: what no layout divides by, or which constraints stand against one another.
 */
import type { NoPlan, PlannedLayout, Unmet } from "../planner/index.ts"
import { formatCount } from "../units/index.ts"
import { layoutParts, limitText, quantityText } from "./plan-words.ts"
import { hanging } from "./wrapping.ts"

export const noPlanText = (plan: NoPlan<PlannedLayout>, title: string): string =>
  plan.kind === "empty" ? emptyText(plan, title) : unmetText(plan, title)

const emptyText = ({ counts, findings }: NoPlan<PlannedLayout>, title: string): string =>
  counts.layouts === 0
    ? [
        `${title}: the space is empty`,
        "  no combination of its sizes multiplies out to the accelerators",
        "  expected tensor x pipeline x context (x data) that divide them; leave a size out to have all its divisors"
      ].join("\n")
    : [
        `${title}: none of ${formatCount(counts.layouts)} layouts can be laid out`,
        ...findings
          .slice(0, 5)
          .flatMap(({ finding, layouts }) => [
            ...hanging(`  ${formatCount(layouts)} x`, `${finding.path.join(".")}: ${finding.problem}`, 10),
            ...hanging("", `expected ${finding.expected}`, 10).slice(1)
          ])
      ].join("\n")

const unmetText = ({ counts, unmet }: NoPlan<PlannedLayout>, title: string): string =>
  [
    `${title}: none of ${formatCount(counts.layouts - counts.impossible)} layouts meets the plan`,
    ...unmet.flatMap(unmetLines)
  ].join("\n")

const unmetLines = ({ limit, ceiling, nearest, least }: Unmet<PlannedLayout>): readonly string[] => {
  const wanted = `at most ${quantityText(limit, ceiling)} is asked for`
  if (nearest !== null)
    return hanging(
      `  ${limitText[limit]}`,
      `${wanted}; the least beside all else is ${quantityText(limit, least ?? nearest.value)}: ${[nearest.machines, ...layoutParts(nearest.candidate)].join(" · ")}`,
      16
    )
  return hanging(
    `  ${limitText[limit]}`,
    least === null
      ? `${wanted}; no layout keeps the other constraints`
      : least > ceiling
        ? `${wanted}; the least of any layout, whatever else it breaks, is ${quantityText(limit, least)}`
        : `${wanted}, which some layouts keep, but none that keeps the other constraints`,
    16
  )
}
