/** Conversations and rounds of a serving run as wholes, for its summary. */
import { mean } from "../statistics/index.ts"
import type { ServingResult } from "../serving/index.ts"
import { formatCount, formatFigures, formatSeconds } from "../units/index.ts"
import { row } from "./summary-parts.ts"

export const sessionRows = ({ sessions, rounds }: ServingResult): readonly string[] => [
  ...(sessions === undefined || sessions.whole === 0
    ? []
    : [
        row("sessions", [
          `${formatCount(sessions.whole)} of ${formatCount(sessions.count)} whole, ${formatFigures(sessions.meanTurns)} requests each`,
          `${formatSeconds(sessions.seconds.mean)} on average, p90 ${formatSeconds(sessions.seconds.p90)}; of that ${formatSeconds(sessions.servedSeconds.mean)} served`
        ])
      ]),
  ...(rounds === undefined || rounds.length === 0
    ? []
    : [
        row(
          "rounds",
          `${formatSeconds(mean(rounds.map(({ seconds }) => seconds)))}${rounds.length === 1 ? "" : " on average"}, ${formatSeconds(mean(rounds.map(({ tailSeconds }) => tailSeconds)))} of it for the last tenth of answers`
        )
      ])
]
