/**
 * What somebody runs or applies to have the simulated layout for real.
 */

export interface LaunchFile {
  /** Engine or framework: "vllm". */
  readonly name: string
  /** What it is, for people: "vLLM, one server of 2 replicas". */
  readonly title: string
  readonly language: "bash" | "yaml" | "json" | "toml"
  readonly text: string
  /** What of the scenario it cannot say, or says differently. */
  readonly remarks: readonly string[]
}

/** A word as a shell takes it. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`

/** Flags in order; those of undefined are left out, switches have no value. */
export type Flags = readonly (readonly [flag: string, value: string | number | true | undefined])[]

/** A command with a flag a line, the way people keep it in a script. */
export const commandOf = (start: readonly string[], flags: Flags): string =>
  [
    start.map(quoted).join(" "),
    ...flags.flatMap(([flag, value]) =>
      value === undefined ? [] : [value === true ? `  ${flag}` : `  ${flag} ${quoted(String(value))}`]
    )
  ].join(" \\\n")

/** A shell command that writes a file first. */
export const withFile = (name: string, content: string, command: string): string =>
  `cat > ${name} <<'END'\n${content.trimEnd()}\nEND\n${command}`
