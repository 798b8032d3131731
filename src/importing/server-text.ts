/**
 * An imported server as YAML: remarks as comments on top, then the scenario.
 */
import { yamlText } from "./model-text.ts"
import type { ImportedServer } from "./server-import.ts"

/** Remarks, most important first, each one line. */
export const serverRemarks = ({ remarks, ignored, command }: ImportedServer): readonly string[] => [
  `imported from: ${command}`,
  ...remarks.map(({ kind, text }) => `${kind}: ${text}`),
  ...(ignored.length === 0 ? [] : [`no time depends on: ${ignored.join(", ")}`])
]

export const serverText = (imported: ImportedServer): string =>
  yamlText(imported.scenario, serverRemarks(imported).map(oneLine))

/** A comment has one line, whatever a flag's value holds. */
const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, " ")
