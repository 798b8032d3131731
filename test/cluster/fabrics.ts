/** Fabrics that the tests of this room share; shares as stas00/ml-engineering 744d01e1 measured them. */
import type { Link } from "../../src/catalog/types.ts"
import type { Fabric, Network, ScaleUp } from "../../src/cluster/index.ts"

const link = (name: string, bytesPerSecond: number, collectiveShare: number, pointToPointShare: number): Link => ({
  name,
  title: name,
  kind: "scale-up",
  bytesPerSecond,
  latencySeconds: 1e-6,
  collectiveShare,
  pointToPointShare,
  inNetworkReduction: ["nvlink4", "nvlink5", "ib-hdr", "ib-ndr"].includes(name),
  sources: {}
})

const nvlink3 = link("nvlink3", 300e9, 0.783, 0.91)
const nvlink4 = link("nvlink4", 450e9, 0.816, 0.83)
const nvlink5 = link("nvlink5", 900e9, 0.758, 0.83)
const infinityFabric = link("infinity-fabric", 448e9, 0.7, 0.14)
const pcie4 = link("pcie4x16", 31.5e9, 0.762, 0.8)
const hdr = link("ib-hdr", 25e9, 0.96, 0.96)
const ndr = link("ib-ndr", 50e9, 0.96, 0.96)

const network = (wire: Link, nicsPerNode: number): Network => ({
  link: wire,
  nicsPerNode,
  bytesPerSecond: wire.bytesPerSecond,
  latencySeconds: wire.latencySeconds,
  oversubscription: 1
})

const scaleUp = (wire: Link, generation: ScaleUp["generation"], changes: Partial<ScaleUp> = {}): ScaleUp => ({
  link: wire,
  bytesPerSecond: wire.bytesPerSecond,
  domain: 8,
  topology: "switch",
  generation,
  ...changes
})

export const a100: Fabric = {
  acceleratorsPerNode: 8,
  nodes: 4,
  scaleUp: scaleUp(nvlink3, "ampere"),
  network: network(hdr, 8)
}
export const h100: Fabric = { ...a100, scaleUp: scaleUp(nvlink4, "hopper"), network: network(ndr, 8) }
export const b200: Fabric = { ...a100, scaleUp: scaleUp(nvlink5, "blackwell"), network: network(ndr, 8) }
export const mi300x: Fabric = { ...a100, scaleUp: scaleUp(infinityFabric, "hopper", { topology: "mesh" }) }
export const pcieBox: Fabric = {
  ...a100,
  scaleUp: scaleUp(pcie4, "ampere", { topology: "pcie" }),
  network: network(hdr, 2)
}
/** 18 trays of 4 GB200 behind one NVLink switch. */
export const nvl72: Fabric = {
  acceleratorsPerNode: 4,
  nodes: 36,
  scaleUp: scaleUp(nvlink5, "blackwell", { domain: 72 }),
  network: network(ndr, 4)
}
