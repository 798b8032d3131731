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
  /** What a tenth more and less of each resource does; told again and again while it is simulated. */
  readonly sensitivity: { readonly ask: string; readonly answer: Sensitivities | Refusal }
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

/** What more and less of each resource does to each result of a scenario. */
export interface Sensitivities {
  readonly _tag: "Sensitivities"
  /** 0.1 = ten per cent more. */
  readonly by: number
  /** Simulations done, of all. */
  readonly done: number
  readonly of: number
  readonly results: readonly Sensitivity[]
}

/** To one result, such as tokens/s; the resource that matters most first. */
export interface Sensitivity {
  readonly title: string
  /** "10 % more network buys 3.1 % more tokens/s". */
  readonly finding: string
  readonly remarks: readonly string[]
  readonly rows: readonly SensitivityRow[]
}

export interface SensitivityRow {
  readonly title: string
  /** Per cent of the result for a per cent of the resource. */
  readonly elasticity: number | null
  readonly shape: string
  readonly more: SensitivitySide
  /** Null: there is no less of it. */
  readonly less: SensitivitySide | null
}

export interface SensitivitySide {
  /** What the resource is over what it was. */
  readonly times: number
  /** Relative change of the result; null where that cannot run. */
  readonly change: number | null
  /** The field that makes the scenario so; an undefined value takes it away. */
  readonly path: readonly string[]
  readonly value: unknown
}

export interface Refusal {
  readonly _tag: "Refusal"
  readonly problems: readonly Problem[]
}

export type RequestName = keyof Request
