/**
 * Files of a plan: a scenario, and beside it what launches it.
 */
import type { LaunchFile } from "../report/index.ts"
import type { DecodedScenario } from "../scenario/index.ts"

/** A launch command by file name. */
export const launchFiles = (launch: LaunchFile | undefined, name = "launch"): readonly (readonly [string, string])[] =>
  launch === undefined ? [] : [[`${name}.${launch.language === "bash" ? "sh" : launch.language}`, `${launch.text}\n`]]

/** A scenario and its launch command, by file name. */
export const launchedFiles = (
  name: string,
  scenario: DecodedScenario,
  launch: LaunchFile | undefined
): readonly (readonly [string, string])[] => [
  [`${name}.json`, `${JSON.stringify(scenario, null, 2)}\n`],
  ...launchFiles(launch, name)
]
