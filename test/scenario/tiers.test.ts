/** Tiers of the KV cache as a scenario has them: what is filled in, and what is refused. */
import { describe, expect, test } from "vitest"
import { formatIssue } from "../../src/scenario/index.ts"
import { accepted, chat, refused } from "./chat.ts"

const withCache = (fields: string): string =>
  chat.replace("parallelism: { tensor: 2 }", `parallelism: { tensor: 2 }\n  kvCache: { ${fields} }`)

describe("tiers", () => {
  test("are the fastest first, with the links' rates where none is written", () => {
    const { job } = accepted(
      withCache(
        "tiers: [{ in: host, capacity: 200 GB }, { in: nvme, capacity: 4 TB }, { in: remote, capacity: 10 TB }]"
      )
    )
    expect(job.cache.tiers).toEqual({
      tiers: [
        { in: "host", capacityBytes: 200e9, bytesPerSecond: null, latencySeconds: 0 },
        // Four lanes of PCIe 4: a quarter of 0.8 x 31.5 GB/s.
        { in: "nvme", capacityBytes: 4e12, bytesPerSecond: 6.3e9, latencySeconds: 100e-6 },
        { in: "remote", capacityBytes: 10e12, bytesPerSecond: null, latencySeconds: 0 }
      ],
      writeAfterUses: Infinity,
      fetch: "cost",
      overlap: "none"
    })
    expect(accepted(chat).job.cache).not.toHaveProperty("tiers")
  })

  test.each([
    ["eviction", Infinity],
    ["always", 1],
    ["selective", 2],
    ["selective, writeAfter: 5", 5]
  ])("are written to as write: %s says", (write, uses) => {
    const { job } = accepted(withCache(`tiers: [{ in: host, capacity: 1 GB }], write: ${write}, fetch: always`))
    expect(job.cache.tiers).toMatchObject({ writeAfterUses: uses, fetch: "always" })
  })
})

describe("what cannot be is refused with its place, what was given, what was expected and what is near", () => {
  test.each([
    ["an unknown tier", "tiers: [{ in: hots, capacity: 1 GB }]", "tiers.0.in", '"hots"', "one of host, nvme, remote"],
    ["no capacity at all", "tiers: [{ in: host, capacity: 0 }]", "tiers.0.capacity", "0", "from 1 B"],
    [
      "a capacity below a block of 16 tokens",
      "tiers: [{ in: host, capacity: 2 MB }]",
      "tiers.0.capacity",
      "2000000",
      "at least 2097152"
    ],
    ["a rate of nothing", "tiers: [{ in: nvme, capacity: 1 GB, rate: 0 }]", "tiers.0.rate", "0", "from 1 kB/s"],
    ["no tiers in the list", "tiers: []", "tiers", "[]", "a length of at least 1"],
    [
      "the slow one first",
      "tiers: [{ in: remote, capacity: 1 GB }, { in: host, capacity: 1 GB }]",
      "tiers.1.in",
      "host",
      "the fastest first"
    ],
    [
      "a place twice",
      "tiers: [{ in: host, capacity: 1 GB }, { in: host, capacity: 1 GB }]",
      "tiers.1.in",
      "host",
      "each place once"
    ],
    ["tiers without a prefix cache", "tiers: [{ in: host, capacity: 1 GB }], prefixCaching: false", "tiers", "prefixCaching: false", "prefixCaching: true"], // prettier-ignore
    ["a way of writing without tiers", "write: always", "write", "write", "kvCache.tiers beside it"],
    ["a way of fetching without tiers", "fetch: cost", "fetch", "fetch", "kvCache.tiers beside it"],
    ["an unknown way of writing", "tiers: [{ in: host, capacity: 1 GB }], write: allways", "write", '"allways"', "one of eviction, always, selective"], // prettier-ignore
    [
      "uses that nothing counts",
      "tiers: [{ in: host, capacity: 1 GB }], write: always, writeAfter: 3",
      "writeAfter",
      "writeAfter",
      "write: selective"
    ]
  ])("%s", (_name, fields, path, given, expected) => {
    const issue = refused(withCache(fields))
    expect(issue.path).toBe(`serving.kvCache.${path}`)
    expect(issue.given).toBe(given)
    expect(issue.expected).toContain(expected)
    expect(formatIssue(issue)).toMatch(/^work\/mine\.yaml:9:\d+\n/)
  })

  test("a remote pool of machines without a network", () => {
    const lone = withCache("tiers: [{ in: remote, capacity: 1 GB }]").replace(
      "system: dgx-h100\n  accelerators: 8",
      "system: rtx-4090-8x"
    )
    const issue = refused(lone)
    expect([issue.path, issue.problem]).toEqual(["serving.kvCache.tiers.0.in", "the machines have no network"])
  })

  test("more host memory than a node has", () => {
    // Four replicas on a node of 2,048 GB.
    const issue = refused(withCache("tiers: [{ in: host, capacity: 600 GB }]"))
    expect([issue.path, issue.expected]).toEqual(["serving.kvCache.tiers.0.capacity", "at most 512 GB a replica"])
    expect(issue.problem).toBe("the replicas of a node would take 2.40 TB of 2.05 TB of host memory")
  })

  test("a policy that looks for no prefixes", () => {
    const issue = refused(
      withCache("tiers: [{ in: host, capacity: 1 GB }], prefixCaching: true").replace(
        "parallelism",
        "batching: { policy: static }\n  parallelism"
      )
    )
    expect([issue.path, issue.given]).toEqual(["serving.kvCache.tiers", "static"])
  })

  test("two remote pools", () => {
    const pools = `pools:
    - { name: a, replicas: 2, kvCache: { tiers: [{ in: remote, capacity: 1 TB }] } }
    - { name: b, replicas: 2, kvCache: { tiers: [{ in: remote, capacity: 2 TB }] } }`
    const issue = refused(chat.replace("parallelism: { tensor: 2 }", `parallelism: { tensor: 2 }\n  ${pools}`))
    expect(issue.path).toBe("serving.pools.1.kvCache.tiers")
    expect(issue.problem).toBe("the remote pool of b is another than that of a; all replicas share one")
  })
})
