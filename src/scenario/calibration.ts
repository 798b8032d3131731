/**
 * A profile of a machine of one's own: what it attains of its rates over what the shipped constants say, fitted to a few
 * measurements by `windtunnel calibrate`, and for which accelerator, links and software it holds.
 */
import * as Schema from "effect/Schema"
import * as Result from "effect/Result"
import type { Fabric } from "../cluster/index.ts"
import { loads, quantities, type Anchor } from "../intervals/index.ts"
import type { Evidence } from "../training/index.ts"
import { findingsOf } from "./findings.ts"
import { show, type Finding } from "./issue.ts"
import type { ReadText } from "./load.ts"
import type { AttainedFactors } from "./resource-factors.ts"
import type { Scenario } from "./schema.ts"

/** The layout of the file; a change of it that older readers would misread makes it a greater number. */
export const profileFormat = 1

export const attainedNames = ["compute", "memory", "scaleUp", "network", "host"] as const
export type AttainedName = (typeof attainedNames)[number]

const factor = Schema.Finite.check(Schema.isBetween({ minimum: 0.05, maximum: 20 })).annotate({
  expected: "a factor from 0.05 to 20"
})
const optional = Schema.optionalKey

/** A measurement of the machine, as intervals of what runs on it hang on it. */
const anchor = Schema.Struct({
  name: Schema.String,
  quantity: Schema.Literals(quantities),
  load: Schema.Literals(loads),
  stack: Schema.String,
  accelerator: Schema.Struct({ name: Schema.String, efficiencyClass: Schema.String, generation: Schema.String }),
  accelerators: Schema.Finite,
  parameters: Schema.Finite,
  isMixture: Schema.Boolean,
  model: Schema.String,
  setup: Schema.Record(Schema.String, Schema.Union([Schema.Finite, Schema.String])),
  error: Schema.Finite,
  again: Schema.Finite
})

const profileSchema = Schema.Struct({
  windtunnelProfile: Schema.Literal(profileFormat).annotate({
    expected: `${profileFormat}: profiles of another format`
  }),
  name: optional(Schema.String),
  /** What was measured: names of catalogue entries. */
  of: Schema.Struct({
    kind: Schema.Literals(["training", "serving"]),
    accelerator: Schema.String,
    scaleUp: Schema.String,
    network: Schema.NullOr(Schema.String),
    stack: Schema.String
  }),
  factors: Schema.Struct({
    compute: optional(factor),
    memory: optional(factor),
    scaleUp: optional(factor),
    network: optional(factor),
    host: optional(factor)
  }),
  anchors: optional(Schema.Array(anchor))
})

export interface MachineProfile {
  readonly name: string
  readonly of: ProfileSubject
  readonly factors: AttainedFactors
  /** What was measured; none in profiles of before it was kept. */
  readonly anchors: readonly Anchor[]
}

export interface ProfileSubject {
  readonly kind: "training" | "serving"
  readonly accelerator: string
  readonly scaleUp: string
  /** null: no network was measured. */
  readonly network: string | null
  readonly stack: string
}

const decode = Schema.decodeUnknownResult(profileSchema, { errors: "all" })

/** A profile's text read, or what is wrong with it; it may say more than is read here. */
export const parseProfile = (name: string, text: string): MachineProfile | readonly Finding[] => {
  let data: unknown
  try {
    data = JSON.parse(text.replace(/^\uFEFF/, ""))
  } catch {
    return [{ path: [], problem: `${name} is no JSON`, given: show(text.slice(0, 40)), expected: "a profile as `windtunnel calibrate --measurements mine.csv --out FILE` writes it" }] // prettier-ignore
  }
  const result = decode(data)
  if (Result.isFailure(result))
    return findingsOf(result.failure.issue, data).map(({ path, problem, given, expected }) => ({
      path: [],
      problem: `${name}: ${path.join(".")}${path.length === 0 ? "" : ": "}${problem}`,
      given,
      expected
    }))
  const { of, factors, anchors = [], name: title = name } = result.success
  return { name: title, of, factors, anchors }
}

/** The profile with nothing but what a scenario needs of it. */
export const profileText = ({ name, of, factors, anchors }: MachineProfile): string =>
  JSON.stringify({ windtunnelProfile: profileFormat, name, of, factors, ...(anchors.length === 0 ? {} : { anchors }) })

/** What was measured on the machine of a resolved scenario that names or holds a profile. */
export const anchorsOf = ({ calibration }: Pick<Scenario, "calibration">): readonly Anchor[] => {
  if (calibration === undefined || typeof calibration === "string") return []
  const profile = parseProfile("the profile", calibration.profile)
  return "anchors" in profile ? profile.anchors : []
}

export interface ReadCalibration {
  readonly profile: MachineProfile
  /** The field with the profile in place of its path. */
  readonly portable: NonNullable<Scenario["calibration"]>
}

/** The profile that a scenario names or holds; undefined where it has none. */
export const calibrationOf = (
  written: Scenario["calibration"],
  readText: ReadText = () => ({ failure: "there are no files here" })
): ReadCalibration | undefined | readonly Finding[] => {
  if (written === undefined) return undefined
  const path = ["calibration"]
  const read = typeof written === "string" ? readText(written) : { text: written.profile }
  if ("failure" in read)
    return [
      {
        path,
        problem: `cannot read ${show(written)}: ${read.failure}`,
        given: show(written),
        expected: "the path of a profile of `windtunnel calibrate`, relative to the scenario file"
      }
    ]
  const profile = parseProfile(typeof written === "string" ? written : "the profile", read.text)
  if (Array.isArray(profile)) return (profile as readonly Finding[]).map((finding) => ({ ...finding, path }))
  const made = profile as MachineProfile
  return { profile: made, portable: { profile: profileText(made) } }
}

interface Machine {
  readonly kind: "training" | "serving"
  readonly accelerator: { readonly name: string }
  readonly fabric: Fabric
  readonly stack: { readonly name: string }
}

export const subjectOf = ({ kind, accelerator, fabric, stack }: Machine): ProfileSubject => ({
  kind,
  accelerator: accelerator.name,
  scaleUp: fabric.scaleUp.link.name,
  network: fabric.network?.link.name ?? null,
  stack: stack.name
})

/** What each factor was measured of. */
const measuredOf: Readonly<Record<AttainedName, keyof ProfileSubject>> = {
  compute: "accelerator",
  memory: "accelerator",
  scaleUp: "scaleUp",
  network: "network",
  host: "stack"
}

/** A profile is of other machines, or of other software, than a scenario. */
export const findForeign = ({ of, factors, name }: MachineProfile, machine: Machine): readonly Finding[] => {
  const own = subjectOf(machine)
  const moved = attainedNames.filter((factorName) => (factors[factorName] ?? 1) !== 1)
  // The software shares in what a machine attains, whatever the factor.
  const fields = new Set<keyof ProfileSubject>(["kind", "stack", ...moved.map((factorName) => measuredOf[factorName])])
  const foreign = [...fields].find((field) => of[field] !== own[field])
  return foreign === undefined
    ? []
    : [
        {
          path: ["calibration"],
          problem: `${name} was calibrated on another ${foreign === "scaleUp" ? "link inside a node" : foreign}`,
          given: of[foreign] ?? "none",
          expected: `a profile of ${own[foreign] ?? "machines without a network"}`
        }
      ]
}

const titles: Readonly<Record<AttainedName, string>> = {
  compute: "compute, over the shipped constants",
  memory: "memory rate, over the shipped constants",
  scaleUp: "links in a node, over the shipped constants",
  network: "network, over the shipped constants",
  host: "host time, over the shipped constants"
}

/** The factors of a profile among the constants that mattered. */
export const profileEvidence = ({ name, factors }: MachineProfile): readonly Evidence[] =>
  attainedNames.flatMap((factorName) => {
    const value = factors[factorName]
    return value === undefined
      ? []
      : [{ name: titles[factorName], constant: { value, origin: "calibrated", source: name } }]
  })
