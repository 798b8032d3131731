import { describe, expect, test } from "vitest"
import type { CollectiveKind, Fabric, Group } from "../../src/cluster/index.ts"
import { groupOf, ImpossibleCollective, planCollective } from "../../src/cluster/index.ts"
import { a100, b200, h100, mi300x, nvl72, pcieBox } from "./fabrics.ts"

const inside = (ranks: number): Group => ({ ranks, perDomain: ranks, domains: 1 })
const nodes = (domains: number, perDomain = 8): Group => ({ ranks: domains * perDomain, perDomain, domains })

/** Bus bandwidth as nccl-tests counts it, GB/s. */
const busbw = (fabric: Fabric, bytes: number, group: Group, kind: CollectiveKind = "allReduce"): number => {
  const factor = ((kind === "allReduce" ? 2 : 1) * (group.ranks - 1)) / group.ranks
  return (factor * bytes) / planCollective(fabric, kind, bytes, group).seconds / 1e9
}

const refusal = (run: () => unknown): ImpossibleCollective => {
  try {
    run()
  } catch (error) {
    if (error instanceof ImpossibleCollective) return error
    throw error
  }
  throw new Error("nothing was refused")
}

describe("on one node", () => {
  test("eight A100 all-reduce 8 GiB at about 232 GB/s bus bandwidth", () => {
    expect(busbw(a100, 2 ** 33, inside(8))).toBeGreaterThan(226)
    expect(busbw(a100, 2 ** 33, inside(8))).toBeLessThan(236)
  })

  test("eight H100 reduce in the switch and pass the ring's 367 GB/s", () => {
    const plan = planCollective(h100, "allReduce", 2 ** 33, inside(8))
    expect(plan.algorithm).toBe("nvls")
    expect(plan.scaleUpBytes).toBe((2 ** 33 * 9) / 8)
    expect(busbw(h100, 2 ** 33, inside(8))).toBeGreaterThan(460)
    const ring = planCollective(h100, "allReduce", 2 ** 33, inside(8), { algorithm: "ring" })
    expect((1.75 * 2 ** 33) / ring.seconds / 1e9).toBeCloseTo(365, -1)
  })

  test.each([
    [4, "ring"],
    [5, "nvls"]
  ])("%i H200 all-reduce 8 GiB by %s, as measured", (ranks, algorithm) => {
    expect(planCollective(h100, "allReduce", 2 ** 33, inside(ranks)).algorithm).toBe(algorithm)
  })

  test.each([
    [5, 678],
    [6, 778],
    [7, 811],
    [8, 838]
  ])("%i B200 all-reduce 8 GiB within 5 % of the measured %i GB/s", (ranks, measured) => {
    expect(Math.abs(busbw(b200, 2 ** 33, inside(ranks)) / measured - 1)).toBeLessThan(0.05)
  })

  test("72 GB200 behind one switch all-reduce 8 GiB within 5 % of the measured 835 GB/s", () => {
    expect(Math.abs(busbw(nvl72, 2 ** 33, inside(72)) / 834.6 - 1)).toBeLessThan(0.05)
  })

  test("a mesh gives two of eight MI300X a seventh of the port: 48 GB/s, and all eight 313", () => {
    expect(Math.abs(busbw(mi300x, 2 ** 32, inside(8)) / 312.9 - 1)).toBeLessThan(0.05)
    expect(Math.abs(busbw(mi300x, 2 ** 32, inside(2)) / 47.7 - 1)).toBeLessThan(0.15)
  })

  test("a message between two of eight MI300X has one of seven links, 64 GB/s at 70 %", () => {
    expect(planCollective(mi300x, "sendReceive", 2 ** 30, inside(2)).scaleUpRate).toBeCloseTo(44.8e9)
  })

  test("an all-to-all between the sockets of a PCIe box has a quarter of the ring's rate", () => {
    const ring = planCollective(pcieBox, "allGather", 2 ** 30, inside(8))
    const exchange = planCollective(pcieBox, "allToAll", 2 ** 30, inside(8))
    expect(ring.scaleUpRate / exchange.scaleUpRate).toBeCloseTo(0.762 / 0.19, 1)
  })

  test("the bytes on a port are those of the textbook", () => {
    const bytes = (kind: CollectiveKind) => planCollective(a100, kind, 8e9, inside(8)).scaleUpBytes
    expect(bytes("allReduce")).toBeCloseTo(14e9)
    expect(bytes("allGather")).toBeCloseTo(7e9)
    expect(bytes("reduceScatter")).toBeCloseTo(7e9)
    expect(bytes("allToAll")).toBeCloseTo(7e9)
    expect(bytes("broadcast")).toBeCloseTo(8e9)
    expect(planCollective(a100, "sendReceive", 8e9, inside(2)).scaleUpBytes).toBe(8e9)
  })

  test("one rank alone waits for nobody", () => {
    expect(planCollective(a100, "allReduce", 1e9, inside(1)).seconds).toBe(0)
  })

  test("a small message goes by LL and costs its hops: 12.8 + 14 x 0.424 us on eight A100", () => {
    const plan = planCollective(a100, "allReduce", 512, inside(8))
    expect(plan.protocol).toBe("LL")
    expect(plan.latencySeconds).toBeCloseTo(18.736e-6, 9)
  })
})

describe("over nodes", () => {
  test("four DGX A100 with 8 x 200 Gb/s all-reduce at about 192 GB/s", () => {
    expect(Math.abs(busbw(a100, 2 ** 33, nodes(4)) / 192 - 1)).toBeLessThan(0.05)
  })

  test("DGX H100 with 8 x 400 Gb/s all-reduce at 366 to 380 GB/s from 32 to 8192 accelerators", () => {
    for (const count of [4, 64, 1024]) {
      const rate = busbw(h100, 2 ** 34, nodes(count))
      expect(rate).toBeGreaterThan(360)
      expect(rate).toBeLessThan(385)
    }
  })

  test("64 MiB on more nodes is slower, by the logarithm of the nodes and not by their number", () => {
    const seconds = [4, 64, 1024].map((count) => planCollective(h100, "allReduce", 2 ** 26, nodes(count)).seconds)
    expect(seconds[1]).toBeGreaterThan(seconds[0] ?? 0)
    expect(seconds[2]).toBeGreaterThan(seconds[1] ?? 0)
    expect(seconds[2]).toBeLessThan(2 * (seconds[0] ?? 0))
  })

  test("a ring puts 2 (n - 1) / n of the buffer on each node's NICs, 62/32 for 32 ranks", () => {
    expect(planCollective(a100, "allReduce", 32e9, nodes(4), { algorithm: "ring" }).networkBytes).toBeCloseTo(62e9)
  })

  test("a hierarchy sends 2 (k - 1) / k of the buffer over the NICs, 6/4 for four nodes", () => {
    const plan = planCollective(a100, "allReduce", 32e9, nodes(4), { algorithm: "hierarchical" })
    expect(plan.networkBytes).toBeCloseTo(48e9)
    expect(plan.scaleUpBytes).toBeCloseTo(56e9)
    expect(plan.networkRate).toBeCloseTo(8 * 25e9 * 0.96)
  })

  test("switches that sum carry the buffer once: 480 GB/s on DGX H100 where rings and trees reach 380", () => {
    const summing: Fabric = { ...h100, network: { ...h100.network!, sumsInNetwork: true } }
    for (const count of [2, 16, 128]) {
      const plan = planCollective(summing, "allReduce", 2 ** 34, nodes(count))
      expect(plan.algorithm).toBe("sharp")
      expect(plan.networkBytes).toBe(2 ** 34)
      expect(Math.abs(busbw(summing, 2 ** 34, nodes(count)) / 480 - 1)).toBeLessThan(0.15)
    }
    // NCCL leaves them alone unless the cluster says otherwise.
    expect(planCollective(h100, "allReduce", 2 ** 34, nodes(16)).algorithm).not.toBe("sharp")
  })

  test("the switches' latency does not grow with the nodes", () => {
    const seconds = [2, 1024].map(
      (count) => planCollective(h100, "allReduce", 1024, nodes(count), { algorithm: "sharp" }).seconds
    )
    expect(seconds[1]).toBe(seconds[0])
  })

  test("Ampere sums inside the node by parts: 2 x 7/8 of the buffer on the port, the whole buffer on the NICs", () => {
    const plan = planCollective(a100, "allReduce", 8e9, nodes(4), { algorithm: "sharp" })
    expect([plan.scaleUpBytes, plan.networkBytes]).toEqual([14e9, 8e9])
    expect(plan.networkRate).toBeCloseTo(8 * 25e9 * 0.96)
  })

  test("switches sum neither inside one node, nor over Omni-Path, nor anything but an all-reduce", () => {
    const omniPath: Fabric = {
      ...a100,
      network: { ...a100.network!, link: { ...a100.network!.link, name: "omni-path-100", inNetworkReduction: false } }
    }
    const forced = (fabric: Fabric, kind: CollectiveKind, count: number) => () =>
      planCollective(fabric, kind, 1e9, nodes(count), { algorithm: "sharp" })
    expect(forced(a100, "allReduce", 1)).toThrow("stays inside one")
    expect(forced(omniPath, "allReduce", 4)).toThrow("the switches of omni-path-100 cannot sum")
    expect(forced(a100, "allGather", 4)).toThrow("only an all-reduce")
  })

  test("eight rail groups at once have one NIC each", () => {
    const plan = planCollective(h100, "allReduce", 1e9, nodes(4, 1), { algorithm: "ring", concurrentGroups: 8 })
    expect(plan.networkRate).toBeCloseTo(48e9)
    expect(plan.scaleUpBytes).toBe(0)
  })

  test("one member drives its own NIC, not the whole node's", () => {
    expect(planCollective(h100, "sendReceive", 1e9, nodes(2, 1)).networkRate).toBeCloseTo(48e9)
  })

  test("an all-to-all over four nodes puts 8 x 24/32 of a rank's bytes on each node's NICs", () => {
    const plan = planCollective(h100, "allToAll", 32e6, nodes(4))
    expect(plan.networkBytes).toBeCloseTo(192e6)
    expect(plan.networkRate).toBeGreaterThan(170e9)
  })

  test("a 1:4 spine slows an all-to-all four times and leaves a ring alone", () => {
    const thin: Fabric = { ...h100, network: h100.network && { ...h100.network, oversubscription: 4 } }
    const rate = (fabric: Fabric, kind: CollectiveKind) =>
      planCollective(fabric, kind, 1e9, nodes(4), { protocol: "Simple" }).networkRate
    expect(rate(h100, "allToAll") / rate(thin, "allToAll")).toBeCloseTo(4)
    expect(rate(h100, "allGather")).toBe(rate(thin, "allGather"))
  })

  test("two racks of 72 have 72 NICs each", () => {
    expect(planCollective(nvl72, "allGather", 2 ** 32, nodes(2, 72)).networkRate).toBeCloseTo(72 * 48e9)
  })
})

describe("the choice", () => {
  test("is the cheapest of what is allowed", () => {
    for (const bytes of [1e3, 1e5, 1e7, 1e9]) {
      const free = planCollective(a100, "allReduce", bytes, nodes(4)).seconds
      for (const algorithm of ["ring", "tree"] as const)
        expect(planCollective(a100, "allReduce", bytes, nodes(4), { algorithm }).seconds).toBeGreaterThanOrEqual(free)
    }
  })

  test("more bytes never take less time", () => {
    for (const fabric of [a100, h100, b200])
      for (const group of [inside(2), inside(8), nodes(4)]) {
        let last = 0
        for (let bytes = 256; bytes < 1e10; bytes *= 1.7) {
          const { seconds } = planCollective(fabric, "allReduce", bytes, group)
          expect(seconds).toBeGreaterThan(last)
          last = seconds
        }
      }
  })

  test("refuses in-switch reduction on A100, across nodes, and for an all-gather", () => {
    for (const [fabric, kind, group] of [
      [a100, "allReduce", inside(8)],
      [h100, "allReduce", nodes(2)],
      [h100, "allGather", inside(8)]
    ] as const) {
      const error = refusal(() => planCollective(fabric, kind, 1e6, group, { algorithm: "nvls" }))
      expect(error._tag).toBe("ImpossibleCollective")
      expect(error.kind).toBe(kind)
    }
  })

  test("refuses a protocol that the algorithm does not have, and a group that no network joins", () => {
    const forced = { algorithm: "nvls", protocol: "LL" } as const
    expect(refusal(() => planCollective(h100, "allReduce", 1e6, inside(8), forced)).reason).toContain("LL")
    const alone: Fabric = { ...h100, network: null }
    expect(refusal(() => planCollective(alone, "allReduce", 1e6, nodes(2))).reason).toContain("network")
  })
})

describe("the shape of a group", () => {
  test("tensor parallel 8 in a node of 8 is one domain", () => {
    expect(groupOf([8, 9, 10, 11, 12, 13, 14, 15], h100)).toEqual({ ranks: 8, perDomain: 8, domains: 1 })
  })

  test("every eighth rank is one member in each node", () => {
    expect(groupOf([3, 11, 19, 27], h100)).toEqual({ ranks: 4, perDomain: 1, domains: 4 })
  })

  test("an irregular group counts its fullest domain", () => {
    expect(groupOf([0, 1, 2, 8], h100)).toEqual({ ranks: 4, perDomain: 3, domains: 2 })
  })

  test("ranks 0 and 71 of an NVL72 rack share a domain, 72 does not", () => {
    expect(groupOf([0, 71], nvl72).domains).toBe(1)
    expect(groupOf([0, 72], nvl72).domains).toBe(2)
  })
})
