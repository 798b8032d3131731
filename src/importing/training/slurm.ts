/**
 * The header of a Slurm script: `#SBATCH --nodes=48`, and the variables that Slurm sets by it.
 */
import type { Option } from "./options.ts"

export interface SlurmHeader {
  /** By long name: nodes, gres, partition ... */
  readonly options: ReadonlyMap<string, Option>
  /** What Slurm tells the script. */
  readonly variables: ReadonlyMap<string, string>
}

const longNames: Readonly<Record<string, string>> = {
  N: "nodes",
  n: "ntasks",
  p: "partition",
  C: "constraint",
  G: "gpus",
  t: "time",
  J: "job-name",
  A: "account",
  o: "output",
  e: "error",
  q: "qos",
  c: "cpus-per-task",
  w: "nodelist",
  x: "exclude",
  d: "dependency",
  a: "array"
}

const header = /^#SBATCH[ \t]+(.*)$/
const optionPattern = /^(?:--([\w-]+)|-([A-Za-z]))(?:=|[ \t]+)?("[^"]*"|'[^']*'|[^\s#]*)/

export const slurmHeader = (source: string, text: string): SlurmHeader => {
  const options = new Map<string, Option>()
  text.split("\n").forEach((line, index) => {
    const said = header.exec(line.replace(/\r$/, ""))?.[1]
    const [written, long, short, value] = optionPattern.exec(said?.trim() ?? "") ?? []
    const key = long ?? longNames[short ?? ""] ?? short
    if (written === undefined || key === undefined) return
    options.set(key, {
      key,
      written: `#SBATCH ${written.trim()}`,
      values: [(value ?? "").replaceAll(/^["']|["']$/g, "")],
      isOn: true,
      file: source,
      line: index + 1
    })
  })
  return { options, variables: variablesOf(options) }
}

/** Accelerators of `gpu:8`, `gpu:a100:8`, `h100:4`, `8`. */
export const gpusOf = (text: string | undefined): number | undefined => {
  const [, digits] = /(?:^|:)(\d+)(?:\(.*)?$/.exec(text?.split(",")[0] ?? "") ?? []
  return digits === undefined ? undefined : Number(digits)
}

/** Nodes of `48`, or the most of `4-8`. */
const nodesOf = (text: string | undefined): string | undefined => /^(?:\d+-)?(\d+)$/.exec(text ?? "")?.[1]

const variablesOf = (options: ReadonlyMap<string, Option>): ReadonlyMap<string, string> => {
  const value = (key: string): string | undefined => options.get(key)?.values[0]
  const nodes = nodesOf(value("nodes"))
  const perNode = gpusOf(value("gpus-per-node")) ?? gpusOf(value("gres"))
  const tasksPerNode = value("ntasks-per-node")
  const tasks =
    value("ntasks") ??
    (nodes === undefined || tasksPerNode === undefined ? undefined : String(Number(nodes) * Number(tasksPerNode)))
  const gpus = perNode === undefined ? undefined : String(perNode)
  const variables: readonly (readonly [string, string | undefined])[] = [
    ["SLURM_NNODES", nodes],
    ["SLURM_JOB_NUM_NODES", nodes],
    ["SLURM_NTASKS_PER_NODE", tasksPerNode],
    ["SLURM_NTASKS", tasks],
    ["SLURM_NPROCS", tasks],
    ["SLURM_GPUS_ON_NODE", gpus],
    ["SLURM_GPUS_PER_NODE", gpus]
  ]
  return new Map(
    variables.flatMap(([name, text]) => (text === undefined || !/^\d+$/.test(text) ? [] : [[name, text] as const]))
  )
}
