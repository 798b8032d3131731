/**
 * Paths of files as text, with forward slashes; enough to follow a reference from one scenario to another.
 */

const isAbsolute = (path: string): boolean => /^(?:[/\\]|[A-Za-z]:[/\\])/.test(path)

/** `reference` as seen from the folder that holds `file`. */
export const besideFile = (file: string, reference: string): string => {
  if (isAbsolute(reference)) return tidy(reference)
  const slash = Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\"))
  return tidy(slash < 0 ? reference : `${file.slice(0, slash + 1)}${reference}`)
}

/** Without `.` steps, and without `..` steps where a folder precedes them: one spelling for one file. */
export const tidy = (path: string): string => {
  const steps: string[] = []
  const absolute = path.startsWith("/")
  for (const step of path.split("/")) {
    if (step === "" || step === ".") continue
    const last = steps.at(-1)
    if (step === ".." && last !== undefined && last !== "..") steps.pop()
    else if (step !== ".." || !absolute) steps.push(step)
  }
  return (absolute ? "/" : "") + steps.join("/")
}
