/**
 * Measured kernel profiles of a scenario: the CSV files of LLMServingSim's profiler, found by what their paths begin with.
 *
 * `profiles/rtx4090_tp1` stands for profiles/rtx4090_tp1_dense.csv and its siblings, `profiles/llama/tp1` for the files
 * dense.csv, per_sequence.csv, attention.csv and moe.csv in that folder.
 */
import { isProfileError, parseKernelProfile, type KernelProfile, type ProfileFiles } from "../../inference/index.ts"
import { show, type Finding, type Path } from "../issue.ts"
import type { ReadText } from "../load.ts"
import type { ResolveOptions } from "../resolve-options.ts"
import { isFindings } from "./distribution.ts"

export interface ReadProfiles {
  readonly profiles: readonly KernelProfile[]
  /** The texts that were read, for the fingerprint. */
  readonly texts: readonly string[]
}

const names: Readonly<Record<keyof ProfileFiles, string>> = {
  dense: "dense",
  perSequence: "per_sequence",
  attention: "attention",
  experts: "moe"
}

/** Between the start of a path and a file's own name. */
const joints = ["_", "/", "-", ""] as const

interface Read {
  readonly files: ProfileFiles
  readonly joint: string
}

const readFiles = (start: string, readText: ReadText): Read | string => {
  const file = (joint: string, name: string): string => `${start}${joint}${name}.csv`
  let failure = "no such file"
  for (const joint of joints) {
    const dense = readText(file(joint, names.dense))
    if ("failure" in dense) {
      if (dense.failure !== "no such file") failure = `${file(joint, names.dense)}: ${dense.failure}`
      continue
    }
    const others = (["perSequence", "attention", "experts"] as const).flatMap((kind) => {
      const read = readText(file(joint, names[kind]))
      return "text" in read ? [[kind, read.text] as const] : []
    })
    return { joint, files: { dense: dense.text, ...Object.fromEntries(others) } }
  }
  return failure
}

const noFiles: ReadText = () => ({ failure: "there are no files here" })

/**
 * @param tensor  the server's tensor-parallel size, which a profile without "tp2" or the like in its path is taken to be of
 */
export const profilesOf = (
  written: readonly string[],
  tensor: number,
  { readText = noFiles }: ResolveOptions
): ReadProfiles | readonly Finding[] => {
  const read = written.map((start, index) => profileOf(start, ["serving", "kernels", index], tensor, readText))
  const findings = read.flatMap((one) => (isFindings(one) ? one : []))
  if (findings.length > 0) return findings
  const found = read.flatMap((one) => (isFindings(one) ? [] : [one]))
  if (found.length > 0 && !found.some(({ profile }) => profile.tensor === tensor))
    return [
      {
        path: ["serving", "kernels"],
        problem: `the profiles were measured at tensor parallel ${found.map(({ profile }) => profile.tensor).join(", ")}`,
        given: show(written),
        expected: `a profile at tensor parallel ${tensor}, as serving.parallelism has it`
      }
    ]
  return { profiles: found.map(({ profile }) => profile), texts: found.flatMap(({ texts }) => texts) }
}

const profileOf = (
  start: string,
  path: Path,
  tensor: number,
  readText: ReadText
): { readonly profile: KernelProfile; readonly texts: readonly string[] } | readonly Finding[] => {
  const read = readFiles(start, readText)
  if (typeof read === "string")
    return [
      {
        path,
        problem: `cannot read ${show(start)}: ${read}`,
        given: show(start),
        expected: "a folder with dense.csv, or what the paths of a profile's files begin with, up to _dense.csv"
      }
    ]
  const measuredAt = Number(/(?:^|[_/-])tp(\d+)(?![^_/-])/.exec(start)?.[1] ?? tensor)
  const profile = parseKernelProfile(start, read.files, measuredAt)
  if (!isProfileError(profile)) return { profile, texts: Object.values(read.files) }
  const { file, line, given, expected } = profile
  return [
    {
      path,
      problem: `${start}${read.joint}${names[file]}.csv:${line}: given ${show(given)}`,
      given: show(given),
      expected
    }
  ]
}
