/**
 * The same scenario on slightly other machines: factors on what a resolved job is made of, 1 = as the scenario says.
 *
 * A sensitivity moves one factor and simulates again; a profile of a machine of one's own moves the attained shares. The
 * names and the text of the scenario stay as they are, and so do all random draws.
 */
import type { Accelerator, Link, ServingStack, Stack } from "../catalog/index.ts"
import type { Fabric, Network } from "../cluster/index.ts"
import type { Evidence, MachineGroup } from "../training/index.ts"
import { formatFigures } from "../units/index.ts"

export interface ResourceFactors {
  /** Peak FLOP/s of every number format. */
  readonly flops?: number
  /** Rate and size of device memory. */
  readonly memoryRate?: number
  readonly memoryBytes?: number
  /** Nominal rate of the links inside a node or rack, and of the network between. */
  readonly scaleUpRate?: number
  readonly networkRate?: number
  /** Rate of the link to the host. */
  readonly hostRate?: number
  /** Seconds that a message takes whatever its size: links, hops and the collective library's own. */
  readonly latency?: number
  /** Fixed seconds of a kernel. */
  readonly launch?: number
  /** Seconds of the host: launching, scheduling, the optimizer's fixed part. */
  readonly host?: number
  /** Serving: tokens of a prompt and of an answer, and how many requests come. */
  readonly prompt?: number
  readonly output?: number
  readonly load?: number
}

/** Factors on top of others. */
export const timesFactors = (own: ResourceFactors = {}, more: ResourceFactors = {}): ResourceFactors => {
  const names = Object.keys({ ...own, ...more }) as (keyof ResourceFactors)[]
  return Object.fromEntries(names.map((name) => [name, (own[name] ?? 1) * (more[name] ?? 1)]))
}

const titles: Readonly<Record<keyof ResourceFactors, string>> = {
  flops: "FLOP/s",
  memoryRate: "memory bandwidth",
  memoryBytes: "memory size",
  scaleUpRate: "links in a node",
  networkRate: "network",
  hostRate: "link to the host",
  latency: "message latency",
  launch: "kernel launch time",
  host: "host time",
  prompt: "prompt length",
  output: "answer length",
  load: "load"
}

/** A scenario's own factors among the constants that mattered. */
export const resourceEvidence = (factors: ResourceFactors = {}): readonly Evidence[] =>
  Object.entries(factors).map(([name, value]) => ({
    name: `${titles[name as keyof ResourceFactors]} x${formatFigures(value)}`,
    constant: { value, origin: "assumed", source: "resources of the scenario" }
  }))

/** What a machine attains of its rates, over what the shipped constants say. */
export interface AttainedFactors {
  /** Share of the peak FLOP/s, of products and of attention. */
  readonly compute?: number
  /** Share of the rate of device memory. */
  readonly memory?: number
  /** Share of the nominal rate between nodes, and inside a node. */
  readonly network?: number
  readonly scaleUp?: number
  /** Seconds of the host. */
  readonly host?: number
}

const scaledPeaks = (peaks: Accelerator["peakFlops"], factor: number): Accelerator["peakFlops"] =>
  Object.fromEntries(Object.entries(peaks).map(([format, rate]) => [format, rate * factor]))

/** An accelerator of other rates; measured kernels are taken to be of `accelerator`, and change in proportion. */
export const adjustedAccelerator = (accelerator: Accelerator, factors: ResourceFactors): Accelerator => {
  const { flops = 1, memoryRate = 1, memoryBytes = 1, launch = 1, hostRate = 1 } = factors
  if ([flops, memoryRate, memoryBytes, launch, hostRate].every((factor) => factor === 1)) return accelerator
  const { memory, attained } = accelerator
  return {
    ...accelerator,
    peakFlops: scaledPeaks(accelerator.peakFlops, flops),
    memory: {
      ...memory,
      bytes: memory.bytes * memoryBytes,
      bytesPerSecond: memory.bytesPerSecond * memoryRate
    },
    attained: {
      ...attained,
      launch: (attained?.launch ?? 1) * launch,
      hostRate: (attained?.hostRate ?? 1) * hostRate
    },
    measuredAs: accelerator
  }
}

/** An accelerator that attains another share of its rates; its data sheet stays. */
export const attainingAccelerator = (
  accelerator: Accelerator,
  { compute = 1, memory = 1 }: AttainedFactors
): Accelerator => (compute === 1 && memory === 1 ? accelerator : { ...accelerator, attained: { compute, memory } })

const attainingLink = (link: Link, factor: number): Link => ({
  ...link,
  collectiveShare: link.collectiveShare * factor,
  pointToPointShare: link.pointToPointShare * factor
})

/** Wires of other rates and latencies; measured collectives are taken to be of `fabric`, and change in proportion. */
export const adjustedFabric = (fabric: Fabric, factors: ResourceFactors): Fabric => {
  const { scaleUpRate = 1, networkRate = 1, latency = 1 } = factors
  if (scaleUpRate === 1 && networkRate === 1 && latency === 1) return fabric
  const { scaleUp, network } = fabric
  return {
    ...fabric,
    scaleUp: { ...scaleUp, link: fasterLink(scaleUp.link, scaleUpRate, latency), bytesPerSecond: scaleUp.bytesPerSecond * scaleUpRate }, // prettier-ignore
    network: network === null ? null : fasterNetwork(network, networkRate, latency),
    changed: { of: fabric, latency, scaleUpRate }
  }
}

const fasterLink = (link: Link, rate: number, latency: number): Link => ({
  ...link,
  bytesPerSecond: link.bytesPerSecond * rate,
  latencySeconds: link.latencySeconds * latency
})

const fasterNetwork = (network: Network, rate: number, latency: number): Network => ({
  ...network,
  link: fasterLink(network.link, rate, latency),
  bytesPerSecond: network.bytesPerSecond * rate,
  latencySeconds: network.latencySeconds * latency
})

export const attainingFabric = (fabric: Fabric, { network = 1, scaleUp = 1 }: AttainedFactors): Fabric => ({
  ...fabric,
  ...(scaleUp === 1 ? {} : { scaleUp: { ...fabric.scaleUp, link: attainingLink(fabric.scaleUp.link, scaleUp) } }),
  ...(network === 1 || fabric.network === null
    ? {}
    : { network: { ...fabric.network, link: attainingLink(fabric.network.link, network) } })
})

/** Software whose host takes `host` times as long. */
export const adjustedStack = (stack: Stack, host: number): Stack => {
  if (host === 1) return stack
  const { hostSecondsPerLayer, hostSecondsPerExpertLayer } = stack.constants
  return {
    ...stack,
    optimizer: { ...stack.optimizer, fixedSeconds: stack.optimizer.fixedSeconds * host },
    constants: {
      ...stack.constants,
      hostSecondsPerLayer: { ...hostSecondsPerLayer, value: hostSecondsPerLayer.value * host },
      hostSecondsPerExpertLayer: { ...hostSecondsPerExpertLayer, value: hostSecondsPerExpertLayer.value * host }
    }
  }
}

/** Constants of served inference that are seconds of the host, and seconds of messages. */
const hostConstants = [
  "hostSecondsPerLayer",
  "hostSecondsPerStep",
  "hostSecondsPerSequence",
  "firstTokenSeconds"
] as const
const latencyConstants = ["hopSeconds", "collectiveSeconds"] as const

/** Serving software whose host takes `host` times as long, and whose messages `latency` times. */
export const adjustedServingStack = (stack: ServingStack, host: number, latency: number): ServingStack => {
  if (host === 1 && latency === 1) return stack
  const { constants } = stack
  const times = (names: readonly (keyof typeof constants)[], factor: number) =>
    Object.fromEntries(
      names.map((name) => [name, { ...constants[name], value: constants[name].value * factor }] as const)
    )
  return { ...stack, constants: { ...constants, ...times(hostConstants, host), ...times(latencyConstants, latency) } }
}

interface Wired {
  readonly accelerator: Accelerator
  readonly fabric: Fabric
}

/** Machines that attain other shares, and then have other rates. */
export const changedMachines = <M extends Wired & { readonly groups?: readonly MachineGroup[] }>(
  machines: M,
  factors: ResourceFactors = {},
  attained: AttainedFactors = {}
): M => {
  const change = <W extends Wired>(wired: W): W => ({
    ...wired,
    accelerator: adjustedAccelerator(attainingAccelerator(wired.accelerator, attained), factors),
    fabric: adjustedFabric(attainingFabric(wired.fabric, attained), factors)
  })
  const changed = change(machines)
  return machines.groups === undefined ? changed : { ...changed, groups: machines.groups.map(change) }
}
