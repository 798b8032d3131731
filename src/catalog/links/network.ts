/**
 * Links between nodes: one network adapter.
 */
import { fromMemory, gtcSlides, mlEngineeringNetwork } from "../citations.ts"
import type { Link } from "../types.ts"

export const network: readonly Link[] = [
  {
    name: "ib-edr",
    title: "InfiniBand EDR, 100 Gb/s",
    aliases: ["edr"],
    kind: "network",
    bytesPerSecond: 12.5e9,
    latencySeconds: 0.5e-6,
    collectiveShare: 0.96,
    pointToPointShare: 0.96,
    inNetworkReduction: false,
    sources: {
      default: mlEngineeringNetwork,
      collectiveShare: "assumed as HDR",
      pointToPointShare: "assumed as the collective share"
    }
  },
  {
    name: "ib-hdr",
    title: "InfiniBand HDR, 200 Gb/s",
    aliases: ["hdr"],
    kind: "network",
    bytesPerSecond: 25e9,
    latencySeconds: 0.6e-6,
    collectiveShare: 0.96,
    pointToPointShare: 0.96,
    inNetworkReduction: true,
    sources: {
      default: mlEngineeringNetwork,
      inNetworkReduction: "NVIDIA SHARP, second generation, sums large messages in the switches (data sheets)",
      collectiveShare: `${gtcSlides}: all-reduce at 24 of 25 GB/s`,
      pointToPointShare: "assumed as the collective share"
    }
  },
  {
    name: "ib-ndr",
    title: "InfiniBand NDR, 400 Gb/s",
    aliases: ["ndr"],
    kind: "network",
    bytesPerSecond: 50e9,
    latencySeconds: 0.65e-6,
    collectiveShare: 0.96,
    pointToPointShare: 0.96,
    inNetworkReduction: true,
    sources: {
      default: mlEngineeringNetwork,
      inNetworkReduction: "NVIDIA SHARP, third generation, sums large messages in the switches (data sheets)",
      latencySeconds: "assumed: the vendor publishes none; 0.6 to 0.7 us from port to port, from memory",
      collectiveShare: `${gtcSlides}: all-reduce at 48 of 50 GB/s`,
      pointToPointShare: "assumed as the collective share"
    }
  },
  {
    name: "ib-xdr",
    title: "InfiniBand XDR, 800 Gb/s",
    aliases: ["xdr"],
    kind: "network",
    bytesPerSecond: 100e9,
    latencySeconds: 0.65e-6,
    collectiveShare: 0.96,
    pointToPointShare: 0.96,
    inNetworkReduction: true,
    sources: {
      default: mlEngineeringNetwork,
      inNetworkReduction: "NVIDIA SHARP, fourth generation, sums large messages in the switches (data sheets)",
      latencySeconds: "assumed as NDR",
      collectiveShare: "assumed as NDR",
      pointToPointShare: "assumed as NDR"
    }
  },
  {
    name: "omni-path-100",
    title: "Omni-Path 100",
    aliases: ["opa", "opa-100"],
    kind: "network",
    bytesPerSecond: 12.5e9,
    latencySeconds: 1e-6,
    collectiveShare: 0.235,
    pointToPointShare: 0.7,
    inNetworkReduction: false,
    sources: {
      default: mlEngineeringNetwork,
      latencySeconds: "0.9 to 1.1 us between MPI processes, from memory",
      collectiveShare:
        "10 to 12 of 50 GB/s a node on Jean Zay, fitted to BLOOM training; BigScience measured 15 to 135 Gb/s",
      pointToPointShare: "fitted to BLOOM training on Jean Zay"
    }
  },
  {
    name: "efa-v1",
    title: "Elastic Fabric Adapter v1, 100 Gb/s (p4d)",
    kind: "network",
    bytesPerSecond: 12.5e9,
    latencySeconds: 15e-6,
    collectiveShare: 0.85,
    pointToPointShare: 0.85,
    inNetworkReduction: false,
    sources: {
      default: mlEngineeringNetwork,
      latencySeconds: "assumed as EFA v4",
      collectiveShare: `${mlEngineeringNetwork}: all-reduce at 340 of 400 Gb/s`,
      pointToPointShare: "assumed as the collective share"
    }
  },
  {
    name: "efa-v2",
    title: "Elastic Fabric Adapter v2, 100 Gb/s (p5)",
    kind: "network",
    bytesPerSecond: 12.5e9,
    latencySeconds: 15e-6,
    collectiveShare: 0.8,
    pointToPointShare: 0.9,
    inNetworkReduction: false,
    sources: {
      default: mlEngineeringNetwork,
      latencySeconds: "assumed as EFA v4",
      collectiveShare: "assumed between EFA v1 and v4",
      pointToPointShare: "assumed between EFA v1 and v3"
    }
  },
  {
    name: "efa-v3",
    title: "Elastic Fabric Adapter v3, 200 Gb/s (p5en)",
    kind: "network",
    bytesPerSecond: 25e9,
    latencySeconds: 15e-6,
    collectiveShare: 0.8,
    pointToPointShare: 0.97,
    inNetworkReduction: false,
    sources: {
      default: mlEngineeringNetwork,
      latencySeconds: "assumed as EFA v4",
      collectiveShare: "assumed between EFA v1 and v4",
      pointToPointShare: `${mlEngineeringNetwork}: 193.7 of 200 Gb/s`
    }
  },
  {
    name: "efa-v4",
    title: "Elastic Fabric Adapter v4, 400 Gb/s (p6)",
    kind: "network",
    bytesPerSecond: 50e9,
    latencySeconds: 15e-6,
    collectiveShare: 0.74,
    pointToPointShare: 0.97,
    inNetworkReduction: false,
    sources: {
      default: mlEngineeringNetwork,
      latencySeconds: "10 to 20 us one way, from memory",
      collectiveShare: `${mlEngineeringNetwork}: 4 x 8 B200 reach 37 of 50 GB/s a GPU`,
      pointToPointShare: "assumed as EFA v3"
    }
  },
  {
    name: "roce-200",
    title: "RDMA over Ethernet, 200 Gb/s",
    kind: "network",
    bytesPerSecond: 25e9,
    latencySeconds: 2e-6,
    collectiveShare: 0.96,
    pointToPointShare: 0.96,
    inNetworkReduction: false,
    sources: {
      default: fromMemory,
      latencySeconds: "1.5 to 3 us, from memory",
      collectiveShare: `${mlEngineeringNetwork}: InfiniBand and RoCE reach about 96 %`,
      pointToPointShare: `${mlEngineeringNetwork}: InfiniBand and RoCE reach about 96 %`
    }
  },
  {
    name: "roce-400",
    title: "RDMA over Ethernet, 400 Gb/s",
    aliases: ["roce"],
    kind: "network",
    bytesPerSecond: 50e9,
    latencySeconds: 2e-6,
    collectiveShare: 0.96,
    pointToPointShare: 0.96,
    inNetworkReduction: false,
    sources: {
      default: fromMemory,
      latencySeconds: "1.5 to 3 us, from memory",
      collectiveShare: `${mlEngineeringNetwork}: InfiniBand and RoCE reach about 96 %`,
      pointToPointShare: `${mlEngineeringNetwork}: InfiniBand and RoCE reach about 96 %`
    }
  },
  {
    name: "slingshot-11",
    title: "HPE Slingshot 11, 200 Gb/s",
    kind: "network",
    bytesPerSecond: 25e9,
    latencySeconds: 2e-6,
    collectiveShare: 0.85,
    pointToPointShare: 0.9,
    inNetworkReduction: false,
    sources: {
      default: mlEngineeringNetwork,
      latencySeconds: "1.8 to 2.2 us between MPI processes, from memory",
      collectiveShare: "assumed",
      pointToPointShare: "assumed"
    }
  },
  {
    name: "ethernet-100g",
    title: "Ethernet, 100 Gb/s, TCP",
    aliases: ["tcp-100gbe"],
    kind: "network",
    bytesPerSecond: 12.5e9,
    latencySeconds: 20e-6,
    collectiveShare: 0.8,
    pointToPointShare: 0.8,
    inNetworkReduction: false,
    sources: {
      default: gtcSlides,
      latencySeconds: "assumed: TCP through the kernel",
      collectiveShare: `${gtcSlides}: all-reduce at 10 of 12.5 GB/s`,
      pointToPointShare: "assumed as the collective share"
    }
  },
  {
    name: "ethernet-200g",
    title: "Ethernet, 200 Gb/s, TCP with data placed in GPU memory (GPUDirect-TCPX)",
    aliases: ["gpudirect-tcpx"],
    kind: "network",
    bytesPerSecond: 25e9,
    latencySeconds: 20e-6,
    collectiveShare: 0.8,
    pointToPointShare: 0.8,
    inNetworkReduction: false,
    sources: {
      default: fromMemory,
      latencySeconds: "assumed as 100 Gb/s Ethernet",
      collectiveShare: "assumed as 100 Gb/s Ethernet",
      pointToPointShare: "assumed as 100 Gb/s Ethernet"
    }
  }
]
