/**
 * Links between the accelerators of a node.
 */
import { dataSheetFromMemory, deepEp, gtcSlides, mlEngineering, mlEngineeringNetwork, nccl } from "../citations.ts"
import type { Link } from "../types.ts"

const ncclNvlinkLatency = `${nccl}: NVLink, ring, LL protocol`

export const scaleUp: readonly Link[] = [
  {
    name: "nvlink2",
    title: "NVLink 2 of a V100, 6 links",
    kind: "scale-up",
    bytesPerSecond: 150e9,
    latencySeconds: 0.6e-6,
    collectiveShare: 0.81,
    pointToPointShare: 0.91,
    inNetworkReduction: false,
    sources: {
      default: mlEngineeringNetwork,
      latencySeconds: ncclNvlinkLatency,
      collectiveShare: `${gtcSlides}: all-reduce at 122 of 150 GB/s`,
      pointToPointShare: "assumed as NVLink 3"
    }
  },
  {
    name: "nvlink3",
    title: "NVLink 3 of an A100, 12 links",
    kind: "scale-up",
    bytesPerSecond: 300e9,
    latencySeconds: 0.6e-6,
    collectiveShare: 0.78,
    pointToPointShare: 0.91,
    inNetworkReduction: false,
    sources: {
      default: mlEngineeringNetwork,
      latencySeconds: ncclNvlinkLatency,
      collectiveShare: `${mlEngineeringNetwork}: all-reduce on 8 GPUs at 234.9 of 300 GB/s`,
      pointToPointShare: `${mlEngineeringNetwork}: 274 of 300 GB/s`
    }
  },
  {
    name: "nvlink4",
    title: "NVLink 4 of an H100, 18 links",
    kind: "scale-up",
    bytesPerSecond: 450e9,
    latencySeconds: 0.6e-6,
    collectiveShare: 0.815,
    pointToPointShare: 0.83,
    inNetworkReduction: true,
    sources: {
      default: mlEngineeringNetwork,
      latencySeconds: `assumed as NVLink 3; ${ncclNvlinkLatency}`,
      collectiveShare: `${mlEngineeringNetwork}: ring all-reduce on 8 GPUs at 367 of 450 GB/s`,
      pointToPointShare: `${mlEngineeringNetwork}: 376 of 450 GB/s`,
      inNetworkReduction: `${gtcSlides}: 480 GB/s with NVLink SHARP`
    }
  },
  {
    name: "nvlink4-h800",
    title: "NVLink 4 of an H800, 8 links",
    kind: "scale-up",
    bytesPerSecond: 200e9,
    latencySeconds: 0.6e-6,
    collectiveShare: 0.78,
    pointToPointShare: 0.78,
    inNetworkReduction: true,
    sources: {
      default: dataSheetFromMemory,
      latencySeconds: `assumed as NVLink 3; ${ncclNvlinkLatency}`,
      collectiveShare: `${deepEp}; 153 to 158 GB/s measured`,
      pointToPointShare: `${deepEp}; 153 to 158 GB/s measured`,
      inNetworkReduction: "assumed as the H100"
    }
  },
  {
    name: "nvlink5",
    title: "NVLink 5 of a B200, 18 links",
    kind: "scale-up",
    bytesPerSecond: 900e9,
    latencySeconds: 0.6e-6,
    collectiveShare: 0.76,
    pointToPointShare: 0.83,
    inNetworkReduction: true,
    sources: {
      default: mlEngineeringNetwork,
      latencySeconds: `assumed as NVLink 3; ${ncclNvlinkLatency}`,
      collectiveShare: `${mlEngineeringNetwork}: ring all-reduce on 8 GPUs at 682 of 900 GB/s`,
      pointToPointShare: `${mlEngineeringNetwork}: 746 of 900 GB/s`,
      inNetworkReduction: `${mlEngineeringNetwork}: 838 GB/s with NVLink SHARP`
    }
  },
  {
    name: "xgmi3",
    title: "Infinity Fabric of an MI250X, 7 links",
    kind: "scale-up",
    bytesPerSecond: 350e9,
    latencySeconds: 1e-6,
    collectiveShare: 0.75,
    pointToPointShare: 0.75,
    inNetworkReduction: false,
    sources: { default: "assumed", bytesPerSecond: mlEngineering }
  },
  {
    name: "xgmi4",
    title: "Infinity Fabric of an MI300X, 7 links",
    kind: "scale-up",
    bytesPerSecond: 448e9,
    latencySeconds: 1e-6,
    collectiveShare: 0.75,
    pointToPointShare: 0.14,
    inNetworkReduction: false,
    sources: {
      default: "assumed",
      bytesPerSecond: mlEngineeringNetwork,
      pointToPointShare: `${mlEngineeringNetwork}: a pair has one of the seven links`
    }
  },
  {
    name: "xgmi4-mi355x",
    title: "Infinity Fabric of an MI355X, 7 links",
    kind: "scale-up",
    bytesPerSecond: 535.5e9,
    latencySeconds: 1e-6,
    collectiveShare: 0.75,
    pointToPointShare: 0.14,
    inNetworkReduction: false,
    sources: {
      default: "assumed",
      bytesPerSecond: mlEngineeringNetwork,
      pointToPointShare: `${mlEngineeringNetwork}: a pair has one of the seven links`
    }
  },
  {
    name: "gaudi3-ethernet",
    title: "Ethernet of a Gaudi 3 inside the node, 21 x 200 Gb/s",
    kind: "scale-up",
    bytesPerSecond: 525e9,
    latencySeconds: 2e-6,
    collectiveShare: 0.8,
    pointToPointShare: 0.14,
    inNetworkReduction: false,
    sources: {
      default: "assumed",
      bytesPerSecond: mlEngineeringNetwork,
      pointToPointShare: `${mlEngineeringNetwork}: a pair has three of the 21 ports`
    }
  }
]
