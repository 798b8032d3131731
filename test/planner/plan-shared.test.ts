/** Plans of servers over a real Postgres: the same answer as on one machine, whoever simulates the fleets and dies of it. */
import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { fleetPoint, readOutcome, writtenOutcome } from "../../src/cli/plan-fleet.ts"
import { keyOf } from "../../src/cli/sweep-key.ts"
import type { FleetPoint, FleetRequest } from "../../src/planner/index.ts"
import { inFolder, windtunnel, write } from "../cli/command-line.ts"
import { keptFolder } from "../faults/keeping.ts"
import { startPostgres, type PostgresServer } from "../faults/postgres.ts"
import { killAll, runCommand, startCommand, until, type Fault, type Running } from "../faults/processes.ts"
import { serving, smallServer } from "../report/resolved.ts"

const planOf = (systems: string, goal: string): readonly string[] => [
  ...["plan", "llama-3-8b", "--systems", systems, "--tensor", "1", "--pipeline", "1", "--precisions", "fp8"],
  ...["--set", "workload.requests=200", "--set", "capacity.maxBatchTokens=[8192]"],
  ...["--load", "300", "--slo", `ttft.p99 < 1 s, tpot.p99 < ${goal}`]
]

/** A few rounds of fleets of one kind. */
const words = planOf("dgx-h100", "40 ms")
const plan = [...words, "--json"]

let server: PostgresServer
/** What the plan says on one machine. */
let alone: string
let store: string
let [folder, remove] = ["", (): void => {}]

beforeAll(async () => {
  server = await startPostgres()
  alone = (await windtunnel(...plan)).stdout
})
afterAll(() => server.close())
beforeEach(async () => {
  store = await server.freshDatabase()
  ;[folder, remove] = keptFolder("plan-shared")
})
afterEach(async () => {
  await killAll()
  remove()
})

const count = async (statement: string): Promise<number> =>
  Number((await server.query(store, `select count(*)::integer as n from ${statement}`))[0]?.["n"])

const work = (faults: readonly Fault[] = [], ...options: readonly string[]): Running =>
  startCommand(["work", "--store", store, "--workers", "1", "--lease", "2", ...options], { faults })

/** The plan by others alone. */
const planned = () => windtunnel(...plan, "--store", store, "--workers", "0", "--lease", "2")

/** "31 fleets: 31 simulated now, 0 found in ..." */
const countsOf = (stderr: string): readonly number[] =>
  (/(\d+) fleets: (\d+) simulated now, (\d+) found in postgres:/.exec(stderr) ?? []).slice(1).map(Number)

describe("a plan through a database", () => {
  test("says to the byte what it says without one, simulates nothing twice, and is no sweep", async () => {
    // Two kinds of machines, so that bounds, bisection, front and load test all ask for fleets.
    const full = [...planOf("dgx-h100,l40s-8x-pcie", "40 ms"), "--json"]
    const first = await windtunnel(...full, "--store", store, "--workers", "2")
    const expected = (await windtunnel(...full)).stdout
    expect(first).toMatchObject({ status: 0, stdout: expected })
    const [fleets = 0, simulated, found] = countsOf(first.stderr)
    expect([simulated, found]).toEqual([fleets, 0])
    expect(fleets).toBeGreaterThan(20)
    expect(await count("windtunnel_points")).toBe(fleets)

    const again = await windtunnel(...full, "--store", store, "--workers", "0")
    expect(again).toMatchObject({ status: 0, stdout: expected })
    expect(countsOf(again.stderr)).toEqual([fleets, 0, fleets])
    // Other goals ask for some fleets of the same load.
    const other = await windtunnel(...planOf("dgx-h100", "45 ms"), "--store", store)
    expect(countsOf(other.stderr)[2]).toBeGreaterThan(0)

    expect(await windtunnel("results", store)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("it holds no sweep")
    })
    expect([first, again, other].map(({ stdout, stderr }) => stdout + stderr).join("")).not.toContain("not-so-secret")
  })

  test("is done by workers that end when nothing is left, and wait for its next round until then", async () => {
    const answer = planned()
    await until("the plan is under way", () =>
      count("windtunnel_queue").then(
        (jobs) => jobs > 0,
        () => false
      )
    )
    const workers = [work([], "--until-empty"), work([], "--until-empty")]
    expect(await answer).toMatchObject({ status: 0, stdout: alone })
    const ends = await Promise.all(workers.map(({ ended }) => ended))
    expect(ends.map(({ status }) => status)).toEqual([0, 0])
    // Which of them is the first at a round is chance: one may have found nothing.
    const ending = /\nplan \w{8}: llama-3-8b\n(?:.|\n)*?(\d+) fleets? done here\n$|\n(0) points done here\n$/
    const done = ends.map(({ stderr }) => Number(ending.exec(stderr)?.slice(1).find(Boolean)))
    expect(done[0]! + done[1]!).toBe(await count("windtunnel_points"))
    expect(await count("windtunnel_planners")).toBe(0)
  })

  test("outlives a worker that is killed with a fleet in its hands", async () => {
    const [reached, never] = [join(folder, "reached"), join(folder, "never")]
    const answer = planned()
    const victim = work([{ at: { seed: 1 }, way: "hold", reached, until: never }])
    await until("the worker has a fleet", () => existsSync(reached), [victim])
    await victim.kill()
    work()
    expect(await answer).toMatchObject({ status: 0, stdout: alone })
    expect(await count("windtunnel_queue where attempts > 1")).toBeGreaterThan(0)
    expect(await count("windtunnel_queue where state <> 'completed'")).toBe(0)
  })

  test("says which fleet ends whoever simulates it, and tries it again when it is asked again", async () => {
    const failed = await runCommand([...plan, "--store", store, "--workers", "1"], {
      faults: [{ at: { replicas: 11, seed: 1 }, way: "exit" }]
    })
    expect(failed.status).toBe(2)
    expect(failed.stderr).toMatch(
      /11 replicas of dgx-h100 TP1 fp8 8192 tok under 300 requests\/s cannot be simulated: its thread died at each of 3 attempts: it ended with status 13\n {2}expected a worker with more memory/
    )
    expect(failed.stderr).not.toContain("not-so-secret")
    const again = await windtunnel(...plan, "--store", store, "--workers", "1")
    expect(again).toMatchObject({ status: 0, stdout: alone })
    expect(countsOf(again.stderr)[2]).toBeGreaterThan(0)
  })

  test("takes the files along that its scenario reads", () =>
    inFolder(async (own) => {
      const lines = Array.from({ length: 60 }, (_, index) =>
        JSON.stringify({ timestamp: 100 * index, input_length: 512 + index, output_length: 20, hash_ids: [index] })
      )
      write(own, "trace.jsonl", `${lines.join("\n")}\n`)
      const scenario = join(own, "mine.json")
      writeFileSync(
        scenario,
        JSON.stringify({
          ...smallServer,
          workload: { arrivals: { trace: { file: "trace.jsonl" } }, slo: { ttft: "2 s" } }
        })
      )
      const load = ["plan", scenario, "--json"]
      const shared = await windtunnel(...load, "--store", store, "--workers", "1")
      expect(shared.stdout).toBe((await windtunnel(...load)).stdout)
      expect(countsOf(shared.stderr)[1]).toBeGreaterThan(0)
      const [row] = await server.query(store, "select files from windtunnel_sweeps")
      expect(Object.keys(JSON.parse(String(row?.["files"])))).toEqual([join(own, "trace.jsonl")])
    }))
})

describe("what cannot be planned through a database is refused, and no password is said", () => {
  test.each([
    [["--store", "mine.sqlite"], /--store mine\.sqlite: no URL of a database\n {2}expected postgres:/],
    [["--store", "postgres://me:hunter2@127.0.0.1:1/db"], /me@127\.0\.0\.1:1\/db: no server listens there/],
    [["--store", "mysql://me:hunter2@host/db"], /mysql:\/\/me@host\/db: it is no URL of a database/],
    [["--workers", "0"], /--workers takes a whole number from 1 /],
    [["--lease", "20"], /--lease is of jobs that machines share\n {2}expected a database/],
    [["--store", "postgres://host/db", "--lease", "1"], /--lease takes whole seconds from 2 /]
  ])("%j", async (options, message) => {
    const { status, stdout, stderr } = await windtunnel(...words, ...options)
    expect([status, stdout]).toEqual([2, ""])
    expect(stderr).toMatch(message)
    expect(stderr).not.toContain("hunter2")
  })

  test("a wrong password", async () => {
    const wrong = new URL(store)
    wrong.password = "hunter2"
    const { status, stderr } = await windtunnel(...words, "--store", wrong.href)
    expect(status).toBe(2)
    expect(stderr).toMatch(/user or password is wrong/)
    expect(stderr).not.toMatch(/hunter2|not-so-secret/)
  })

  test("a policy written as a function", async () => {
    const own = ["plan", "scenarios/batching-policy.ts", "--slo", "ttft < 1 s", "--set", "workload.requests=50"]
    const { status, stderr } = await windtunnel(...own, "--store", store)
    expect(status).toBe(2)
    expect(stderr).toMatch(
      /batching-policy\.ts: .* is a function, which no other machine can be sent\n {2}expected .* no --store/
    )
  })

  test.each([
    ["--store", "postgres://host/db"],
    ["--workers", "2"]
  ])("a plan of training with %s", async (...options) => {
    const { status, stderr } = await windtunnel("plan", "small", ...options)
    expect(status).toBe(2)
    expect(stderr).toMatch(new RegExp(`^${options[0]} is of plans of serving: .* one thread`))
  })
})

describe("a fleet on its way", () => {
  const latency = { mean: 0.1 + 0.2, p50: Number.NaN, p90: Infinity, p95: -Infinity, p99: -0, p999: 5e-324 }
  const outcome: FleetPoint = {
    kind: "served",
    latencies: { ttft: latency, tpot: latency, e2e: latency },
    answered: 0,
    isOverloaded: true,
    requestsPerSecond: 1 / 3,
    promptTokensPerSecond: 1e21,
    outputTokensPerSecond: 0,
    busy: 1,
    watts: Number.MAX_VALUE
  }

  test("has the same outcome to the bit, whatever JSON makes of numbers", () => {
    expect(readOutcome(writtenOutcome(outcome))).toStrictEqual(outcome)
    const none = { kind: "none", reason: 'serving.model: "x" is 1 GB too large' } as const
    expect(readOutcome(writtenOutcome(none))).toStrictEqual(none)
  })

  test("has one key, whatever the order of its fields, and another for every difference", () => {
    const request: FleetRequest = {
      ...{ scenario: serving(smallServer).scenario, candidate: null, replicas: 2, rate: 3.5, requests: 100, seed: 1 }
    }
    const { seed, rate, ...rest } = request
    const key = (one: FleetRequest): string => keyOf(fleetPoint(one))
    expect(key({ seed, ...rest, rate })).toBe(key(request))
    const others = [
      { seed: 2 },
      { rate: 3.5000000000000004 },
      { replicas: 3 },
      { failing: 1 },
      { side: "decode" } as const
    ]
    expect(new Set([{}, ...others].map((one) => key({ ...request, ...one }))).size).toBe(1 + others.length)
  })
})
