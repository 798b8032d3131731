/**
 * Constants of NCCL's cost model, in seconds and bytes/s: published ones from NCCL's tuning.cc (v2.30.7), and ones fitted
 * to the nccl-tests sweeps of AIConfigurator (ai-dynamo/aiconfigurator 095f58a5, Apache-2.0; NCCL 2.26-2.27, half
 * precision, 2, 4 and 8 GPUs, 64 KiB - 512 MiB) and of Azure/AI-benchmarking-guide (8fd0c6e, MIT; 1 MiB - 8 GiB).
 *
 * The fitted ones are the output of `src/validation/collective-fit.ts`, which `windtunnel calibrate` repeats. Median error
 * from 1 MiB up: A100 2.6 %, H100 and H200 3.1 %, B200 4.7 %. The bases of LL128 are large because NCCL leaves that
 * protocol earlier than its own model says.
 */
import type { NcclGeneration } from "./fabric.ts"

export type Protocol = "LL" | "LL128" | "Simple"
export type ByProtocol = Readonly<Record<Protocol, number>>

export interface NcclConstants {
  /** Fitted: seconds of a ring or direct collective before its first hop. */
  readonly base: ByProtocol
  /** Fitted: seconds a hop inside the scale-up domain. */
  readonly hop: ByProtocol
  /** Published (llMaxBws): largest bytes/s of the LL protocol on one, two, and four or more nodes. */
  readonly lowLatencyRate: readonly [number, number, number]
  /**
   * Fitted: filling the pipeline of chunks costs sqrt(ramp * time on the wire), the least of steps * a + bytes / B
   * over the size of a chunk. It bends busbw between 1 MiB and 1 GiB.
   */
  readonly rampSeconds: number
  /**
   * Fitted: each rank also copies bytes / ranks to its own output, at this many times the cost of a byte on the wire.
   * The link's collectiveShare was read at 8 ranks, so only the part beyond 1/8 is charged.
   */
  readonly copyCost: number
  /** Fitted: share of the nominal port that an all-to-all inside a switch reaches. */
  readonly allToAllShare: number
  /** In-switch reduction (NVLink SHARP), where NCCL has it. */
  readonly nvls: {
    /**
     * Share of the nominal port on (n + 1) / n of the buffer: 479 GB/s busbw on 8 H200, 414-473 on 5 to 8 of them,
     * 778-838 on 6 to 8 B200, all within 1 % (stas00/ml-engineering 744d01e1, 8 GiB).
     */
    readonly share: number
    /** The same across a rack-scale switch: 839 GB/s busbw on 72 GB200 (coreweave/nccl-tests cb86553). */
    readonly rackShare: number
    /** Fitted: seconds before the first byte. */
    readonly latency: number
    /** Fewest ranks from which NCCL picks it: 5 on H200, 6 on B200 (stas00/ml-engineering). */
    readonly minimumRanks: number
  } | null
}

export const ncclConstants: Readonly<Record<NcclGeneration, NcclConstants>> = {
  /** No sweep of a V100 is public: the fitted constants are Ampere's, which has the same NVLink hop in NCCL. */
  volta: {
    base: { LL: 12.8e-6, LL128: 40.3e-6, Simple: 11.7e-6 },
    hop: { LL: 0.424e-6, LL128: 4.83e-6, Simple: 4.48e-6 },
    lowLatencyRate: [39e9, 39e9, 20.4e9],
    rampSeconds: 10.8e-6,
    copyCost: 0.35,
    allToAllShare: 0.755,
    nvls: null
  },
  ampere: {
    base: { LL: 12.8e-6, LL128: 40.3e-6, Simple: 11.7e-6 },
    hop: { LL: 0.424e-6, LL128: 4.83e-6, Simple: 4.48e-6 },
    lowLatencyRate: [87.7e9, 22.5e9, 19e9],
    rampSeconds: 10.8e-6,
    copyCost: 0.35,
    allToAllShare: 0.755,
    nvls: null
  },
  hopper: {
    base: { LL: 5.87e-6, LL128: 28e-6, Simple: 8.77e-6 },
    hop: { LL: 0.725e-6, LL128: 0.95e-6, Simple: 0.994e-6 },
    lowLatencyRate: [141e9, 45e9, 35e9],
    rampSeconds: 5.72e-6,
    copyCost: 0.43,
    allToAllShare: 0.848,
    nvls: { share: 0.684, rackShare: 0.684, latency: 42e-6, minimumRanks: 5 }
  },
  blackwell: {
    base: { LL: 9.29e-6, LL128: 13.2e-6, Simple: 26.9e-6 },
    hop: { LL: 0.971e-6, LL128: 4.5e-6, Simple: 0.507e-6 },
    lowLatencyRate: [282e9, 90e9, 70e9],
    rampSeconds: 12.3e-6,
    copyCost: 0.636,
    allToAllShare: 0.736,
    nvls: { share: 0.6, rackShare: 0.476, latency: 76.9e-6, minimumRanks: 6 }
  }
}

/** Scale-up domains above this size are rack-scale switches (NVL72). */
export const largestNodeDomain = 16

/**
 * An all-to-all between the two sockets of a PCIe box: 12 of 63 GB/s (NVIDIA GTC24 S62129, slide 12); up to four
 * accelerators share a socket and reach the link's collective share.
 */
export const pcieAllToAll = { share: 0.19, socket: 4 } as const

/** Published (hwLat, PCI, ring): seconds a hop where the domain is PCIe. */
export const pcieHop: ByProtocol = { LL: 1e-6, LL128: 2.5e-6, Simple: 5.7e-6 }

/** Published (hwLat, NET): seconds a hop over the network, to which the link's own latency is added. */
export const networkHop = {
  ring: { LL: 2.7e-6, LL128: 4e-6, Simple: 14e-6 },
  tree: { LL: 5e-6, LL128: 8.5e-6, Simple: 14e-6 },
  /** NVLSTree, Simple only. */
  nvlsTree: 20.9e-6,
  /** CollNetDirect, Simple only: up the tree of switches and down again. */
  inSwitch: 31e-6
} as const

/** Published: ring all-reduce over several nodes in the Simple protocol pays its latency this many times. */
export const networkRingFactor = 1.4

/** Seconds a hop over the network, without the link's own latency. */
export interface NetworkHop {
  readonly ring: ByProtocol
  readonly tree: ByProtocol
  readonly nvlsTree: number
  readonly inSwitch: number
}

const timesProtocols = ({ LL, LL128, Simple }: ByProtocol, factor: number): ByProtocol => ({
  LL: LL * factor,
  LL128: LL128 * factor,
  Simple: Simple * factor
})

/** A library whose messages take `factor` times their fixed seconds; what the flags of LL allow goes with them. */
export const slowerLibrary = (constants: NcclConstants, factor: number): NcclConstants => {
  const { base, hop, lowLatencyRate, rampSeconds, nvls } = constants
  return {
    ...constants,
    base: timesProtocols(base, factor),
    hop: timesProtocols(hop, factor),
    lowLatencyRate: [lowLatencyRate[0] / factor, lowLatencyRate[1] / factor, lowLatencyRate[2] / factor],
    rampSeconds: rampSeconds * factor,
    nvls: nvls === null ? null : { ...nvls, latency: nvls.latency * factor }
  }
}

/** Hops of the network, and of a domain on PCIe, that take `factor` times as long. */
export const slowerHops = (factor: number): { readonly network: NetworkHop; readonly pcie: ByProtocol } => ({
  network: {
    ring: timesProtocols(networkHop.ring, factor),
    tree: timesProtocols(networkHop.tree, factor),
    nvlsTree: networkHop.nvlsTree * factor,
    inSwitch: networkHop.inSwitch * factor
  },
  pcie: timesProtocols(pcieHop, factor)
})

/** Peers that a grouped send/receive kernel serves at a time (NCCL_MAX_DEV_WORK_P2P_PER_BATCH, NCCL device.h). */
export const peersPerRound = 8

/** Published: share of the Simple protocol's rate. LL sends a flag with every 4 bytes, LL128 8 bytes of flags in 128. */
export const protocolShare = {
  ring: { LL: 0.5, LL128: 0.92, Simple: 1 },
  tree: { LL: 1 / 3.8, LL128: (0.92 * 120) / 128, Simple: 0.92 }
} as const
