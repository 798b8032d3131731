/**
 * The launch commands as a section of the report: the first in full, the others where someone asks for them.
 */
import { text, type Section } from "../document.ts"
import type { LaunchFile } from "./file.ts"

export const launchSection = (
  files: readonly LaunchFile[],
  said = "The simulated layout as the software is told it."
): Section => ({
  id: "launch",
  title: "To have it for real",
  blocks: [
    text(`${said} Paths of weights and data are yours to fill in.`),
    ...files.map((file, index) => ({ kind: "file", file, isFolded: index > 0 }) as const)
  ]
})
