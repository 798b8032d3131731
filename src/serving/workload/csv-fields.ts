/** The fields of one CSV line (RFC 4180, but a quoted field ends with its line), without spaces around them. */
export const csvFields = (line: string): readonly string[] => {
  if (!line.includes('"')) return line.split(",").map(trimmed)
  return Array.from(line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"\s*|([^,]*))(?=,|$)/g), ([, quoted, bare]) =>
    quoted === undefined ? (bare ?? "").trim() : quoted.replaceAll('""', '"')
  )
}

const trimmed = (field: string): string => field.trim()
