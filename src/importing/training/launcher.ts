/**
 * How many nodes and accelerators a command starts: torchrun, torch.distributed.run, deepspeed, composer, srun, and the header of
 * a Slurm script; else variables of the usual names.
 */
import { flagLines } from "./flag-lines.ts"
import type { SaidMachines } from "./said.ts"
import { gpusOf, type SlurmHeader } from "./slurm.ts"
import type { TrainingRemark } from "./remarks.ts"
import type { TrainingCommand } from "./training-command.ts"

interface Value {
  readonly value: number
  readonly written: string
}

const whole = (text: string | undefined): number | undefined => {
  // Elastic launches give 2:4; the most is what is meant to run.
  const [, digits] = /^(?:\d+[:-])?(\d{1,7})$/.exec(text ?? "") ?? []
  return digits === undefined || Number(digits) < 1 ? undefined : Number(digits)
}

/** The last of a launcher's flags under one of these names. */
const flagOf = (words: readonly string[], names: readonly string[]): Value | undefined => {
  for (let at = words.length - 1; at >= 0; at--) {
    const word = words[at] ?? ""
    for (const name of names) {
      const joined = word.startsWith(`${name}=`) ? word.slice(name.length + 1) : undefined
      const value = gpusOrWhole(joined ?? (word === name ? words[at + 1] : undefined))
      if (value !== undefined) return { value, written: `${name} ${value}` }
    }
  }
  return undefined
}

const gpusOrWhole = (text: string | undefined): number | undefined => whole(text) ?? gpusOf(text)

const variableOf = (environment: ReadonlyMap<string, string>, names: readonly string[]): Value | undefined => {
  for (const name of names) {
    const value = whole(environment.get(name))
    if (value !== undefined) return { value, written: `${name}=${value}` }
  }
  return undefined
}

const headerOf = ({ options }: SlurmHeader, key: string): Value | undefined => {
  const option = options.get(key)
  const value = gpusOrWhole(option?.values[0])
  return option === undefined || value === undefined ? undefined : { value, written: option.written }
}

const perNodeFlags = ["--nproc_per_node", "--nproc-per-node", "--num_gpus", "--num-gpus", "--gpus-per-node", "--gres"]
const nodeFlags = ["--nnodes", "--num_nodes", "--num-nodes", "--nodes", "-N"]
const perNodeNames = [
  "GPUS_PER_NODE", "NPROC_PER_NODE", "NUM_GPUS_PER_NODE", "N_GPUS_PER_NODE", "NGPUS_PER_NODE", "DEVICES_PER_NODE", "NGPU", "NUM_GPUS", "GPU_PER_NODE"
] // prettier-ignore
const nodeNames = ["NNODES", "NUM_NODES", "N_NODES", "NODES", "SLURM_NNODES", "SLURM_JOB_NUM_NODES"]

export const launchedMachines = ({
  launcher,
  environment,
  slurm,
  framework,
  text,
  wanted
}: TrainingCommand): SaidMachines => {
  const lines = flagLines(text)
  const isComposer = framework === "llm-foundry"
  const nodes = flagOf(launcher, nodeFlags) ?? headerOf(slurm, "nodes") ?? variableOf(environment, nodeNames)
  const started = flagOf(launcher, isComposer ? ["-n", "--nproc", ...perNodeFlags] : perNodeFlags)
  const perNode =
    started ??
    headerOf(slurm, "gpus-per-node") ??
    headerOf(slurm, "gres") ??
    variableOf(environment, perNodeNames) ??
    flagOf(launcher, ["--ntasks-per-node"]) ??
    oneEach(headerOf(slurm, "ntasks-per-node"))
  const ranks = isComposer
    ? (flagOf(launcher, ["--world_size"]) ?? variableOf(environment, ["WORLD_SIZE"]))
    : (flagOf(launcher, ["-np", "--ntasks", "-n"]) ??
      headerOf(slurm, "gpus") ??
      tasksOf(launcher, slurm) ??
      variableOf(environment, ["WORLD_SIZE"]))
  const option = (value: Value | undefined, text: string): readonly TrainingRemark[] =>
    value === undefined
      ? []
      : [{ kind: "understood", written: value.written, text, ...placeOf(slurm, lines, value.written) }]
  const total = (wanted?.nodes ?? nodes) !== undefined && perNode !== undefined ? undefined : ranks
  return {
    nodes: wanted?.nodes ?? nodes?.value,
    perNode: perNode?.value,
    ranks: total?.value,
    hints: ["partition", "constraint", "gres", "gpus-per-node", "reservation", "account"]
      .flatMap((key) => slurm.options.get(key)?.values ?? [])
      .concat(launcher.filter((word) => /^--(?:partition|constraint|gres)=/.test(word))),
    remarks: [
      ...option(nodes, wanted?.nodes === undefined ? "cluster.nodes" : "nothing: --nodes goes before it"),
      ...option(perNode, "cluster.acceleratorsPerNode"),
      ...option(total, "cluster.accelerators")
    ]
  }
}

/** A single task on a node starts the others itself. */
const oneEach = (value: Value | undefined): Value | undefined => (value?.value === 1 ? undefined : value)

/** `#SBATCH --ntasks=64`: a task an accelerator, where the command does not start more. */
const tasksOf = (launcher: readonly string[], slurm: SlurmHeader): Value | undefined =>
  launcher.some((word) => /torch\.distributed|torchrun|deepspeed$/.test(word)) ? undefined : headerOf(slurm, "ntasks")

/** Line of a header, or of a flag. */
const placeOf = ({ options }: SlurmHeader, lines: ReadonlyMap<string, number>, written: string) => {
  const line =
    [...options.values()].find((own) => own.written === written)?.line ??
    lines.get(/^--([\w-]+)/.exec(written)?.[1]?.replaceAll("_", "-") ?? "")
  return line === undefined ? {} : { line }
}
