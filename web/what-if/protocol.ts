/** What the page and its simulation worker say to each other. */

/** A problem with a scenario, at a place of its text where there is one. */
export interface Problem {
  readonly path: string
  readonly message: string
  readonly line: number | undefined
}

export interface Request {
  /** Names of catalogue entries, and the JSON Schema of a scenario. */
  readonly describe: { readonly ask: null; readonly answer: Description }
  /** The text of a shipped scenario by its name. */
  readonly shipped: { readonly ask: string; readonly answer: string | undefined }
  /** A scenario's text as YAML, and as data. */
  readonly read: { readonly ask: string; readonly answer: ScenarioText | Refusal }
  /** The text with one field changed, comments kept; undefined takes the field away. */
  readonly edit: { readonly ask: Edit; readonly answer: ScenarioText | Refusal }
  readonly simulate: { readonly ask: string; readonly answer: Simulated | Refusal }
}

export interface Description {
  readonly schema: unknown
  readonly names: Readonly<Record<string, readonly string[]>>
}

export interface ScenarioText {
  readonly _tag: "ScenarioText"
  readonly text: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface Edit {
  readonly text: string
  readonly path: readonly string[]
  readonly value: unknown
}

export interface Simulated {
  readonly _tag: "Simulated"
  readonly document: Readonly<Record<string, unknown>>
  /** A trace file; empty where the run has no trace. */
  readonly trace: Uint8Array<ArrayBuffer>
}

export interface Refusal {
  readonly _tag: "Refusal"
  readonly problems: readonly Problem[]
}

export type RequestName = keyof Request
