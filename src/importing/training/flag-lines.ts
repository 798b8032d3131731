/**
 * Where a script writes its flags, whatever variables carry them to the command.
 */

/** The last line that writes each flag, comments apart. */
export const flagLines = (text: string): ReadonlyMap<string, number> => {
  const lines = new Map<string, number>()
  // A command on one line has no places worth telling.
  if (!text.trim().includes("\n")) return lines
  text.split("\n").forEach((line, index) => {
    if (line.trimStart().startsWith("#")) return
    for (const [, flag = ""] of line.matchAll(/(?:^|[\s"'(=])--([A-Za-z][\w.-]*)/g))
      lines.set(flag.replaceAll("_", "-"), index + 1)
  })
  return lines
}
