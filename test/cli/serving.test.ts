import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setImmediate } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import { decodeTrace } from "../../src/trace/index.ts"
import { inFolder, small, windtunnel, write } from "./command-line.ts"

/** A server that takes milliseconds to simulate. */
const server = `name: Small server
cluster: { accelerator: h100-sxm, accelerators: 2 }
model: llama-3.1-8b
serving: { stack: vllm-v1, replicas: 2 }
workload:
  arrivals: { poisson: { rate: 20 } }
  prompt: 512
  output: { uniform: [16, 64] }
  requests: 200
  slo: { ttft: 500 ms }
price: { perAcceleratorHour: $2 }
`

const run = (...more: readonly string[]) =>
  inFolder((folder) => windtunnel("run", write(folder, "server.yaml", server), ...more))

const json = (path: string) => JSON.parse(readFileSync(path, "utf8"))

describe("the summary of a server", () => {
  test("says what was served, the verdict, the latencies, where the time goes, and how far to trust it", async () => {
    const { status, stdout, stderr } = await run()
    expect([status, stderr]).toEqual([0, ""])
    const lines = stdout.split("\n")
    expect(lines[0]).toBe("Small server")
    expect(lines[1]).toBe("2 x H100 SXM5 80 GB · 2 replicas · bf16 · vLLM engine v1 0.19")
    expect(stdout).toContain("Poisson, 20 requests/s · prompt 512, output 16 to 64 tokens")
    expect(stdout).toMatch(/^ {2}verdict {6}stable: [\d.]+ requests\/s come, about [\d.]+ can be served$/m)
    expect(stdout).toMatch(/^ {2}requests {5}200 of 200 finished$/m)
    expect(stdout).toMatch(/^ {2}goodput {6}[\d.]+ requests\/s met every goal \(100 % of them\)$/m)
    for (const label of ["first token", "per token", "between two", "end to end", "in the queue"])
      expect(stdout).toMatch(new RegExp(`^ {2}${label} +[\\d.]+ m?s( +[\\d.]+ [mu]?s){4}$`, "m"))
    for (const label of ["memory", "KV cache", "batch", "loading", "utilisation", "energy", "cost"])
      expect(stdout).toMatch(new RegExp(`^ {2}${label} `, "m"))
    expect(stdout).toContain("where a replica's time goes")
    expect(stdout).toMatch(/^trust /m)
    expect(stdout).toMatch(/^next /m)
  })

  test("fits 80 columns and one screen", async () => {
    const { stdout } = await run("--set", "measured={ttft: 20 ms, tpot: 7 ms, e2e: 300 ms, requestsPerSecond: 20}")
    const text = stdout.replace(/^next[^]*/m, "")
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([])
    expect(text.split("\n").length).toBeLessThanOrEqual(48)
    expect(stdout).not.toContain("\u001b")
  })

  test("shows measurements beside predictions, and says when they are of another scenario", async () => {
    const measured = `${server}measured: { tpot: 7 ms, requestsPerSecond: 20 }\n`
    const of = (...more: readonly string[]) =>
      inFolder((folder) => windtunnel("run", write(folder, "server.yaml", measured), ...more))
    expect((await of()).stdout).toMatch(/measured 7 ms mean \([-+][\d.]+ %\)/)
    expect((await of()).stdout).toMatch(/measured 20 requests\/s \([-+][\d.]+ %\)/)
    const { stdout } = await of("--set", "workload.prompt=100")
    expect(stdout).toContain("7 ms mean was measured for the unchanged scenario")
  })

  test("says that more comes than can be served, and how much could be", async () => {
    const { status, stdout } = await run(
      "--set",
      "workload.arrivals.poisson.rate=2000",
      "--set",
      "workload.requests=3000"
    )
    expect(status).toBe(0)
    expect(stdout).toMatch(/verdict {6}overloaded: [\d,.]+ requests\/s come, about [\d.]+ can be served/)
  })

  test("counts the rows of a trace that were skipped", () =>
    inFolder(async (folder) => {
      write(folder, "mine.csv", "arrival_seconds,prompt_tokens,output_tokens\n0,100,10\n0,-1,10\n1,200,20\n")
      const file = write(folder, "server.yaml", server)
      const trace = (onBadRow: string) =>
        windtunnel(
          "run",
          file,
          "--set",
          `workload={arrivals: {trace: {file: ${join(folder, "mine.csv")}, onBadRow: ${onBadRow}}}}`
        )
      const { stdout } = await trace("skip")
      expect(stdout).toMatch(/trace +1 rows that cannot be read were skipped/)
      expect(stdout).toContain("2 requests of mine.csv")
      const { status, stderr } = await trace("refuse")
      expect(status).toBe(2)
      expect(stderr).toContain("mine.csv:3, prompt_tokens: given -1")
    }))

  test("says when a time limit ended it", async () => {
    const { stdout } = await run("--set", "timeLimit=5 s")
    expect(stdout).toMatch(/The run ended at 5 s, before its work was done/)
    expect(stdout).toMatch(/requests {5}\d+ of \d+ finished · \d+ running/)
  })
})

describe("the document of a server", () => {
  test("has the result, and vLLM's names for what vLLM measures", async () => {
    const { status, stdout } = await run("--json")
    expect(status).toBe(0)
    const { kind, hash, seed, benchmark, result } = JSON.parse(stdout)
    expect([kind, seed]).toEqual(["serving", 1])
    expect(hash).toMatch(/^[0-9a-f]{16}$/)
    expect(result.requests).toMatchObject({ arrived: 200, finished: 200, rejected: 0 })
    expect(benchmark).toMatchObject({ completed: 200, total_input_tokens: 200 * 512 })
    expect(benchmark.mean_ttft_ms).toBeCloseTo(result.latency.ttft.mean * 1000, 6)
    for (const name of ["request_throughput", "output_throughput", "median_tpot_ms", "p99_itl_ms", "std_e2el_ms"])
      expect(benchmark[name]).toBeGreaterThan(0)
  })

  test("is the same, to the byte, for the same scenario and seed, and another for another seed", async () => {
    const [one, same, other] = [await run("--json"), await run("--json"), await run("--json", "--seed", "2")]
    expect(same.stdout).toBe(one.stdout)
    expect(other.stdout).not.toBe(one.stdout)
  })
})

describe("the files of a run", () => {
  test("are the result, the scenario, the timeline and, when asked for, the table of requests", () =>
    inFolder(async (folder) => {
      const out = join(folder, "out")
      const file = write(folder, "server.yaml", server)
      const { stderr } = await windtunnel("run", file, "--out", out, "--requests")
      expect(readdirSync(out)).toEqual(
        expect.arrayContaining(["requests.csv", "result.json", "scenario.json", "trace.json", "trace.windtunnel"])
      )
      expect(stderr).toContain(`wrote ${join(out, "result.json")}`)
      const table = readFileSync(join(out, "requests.csv"), "utf8").trimEnd().split("\n")
      expect(table.length).toBe(201)
      expect(table[0]).toMatch(/^request,class,replica,state,arrival_s,/)
      const trace = decodeTrace(readFileSync(join(out, "trace.windtunnel")))
      expect("slices" in trace && trace.slices.start.length).toBeGreaterThan(200)
      const again = await windtunnel("run", join(out, "scenario.json"), "--json")
      expect(JSON.parse(again.stdout).result).toEqual(json(join(out, "result.json")).result)
    }))

  test("have no timeline of very many requests unless it is asked for", () =>
    inFolder(async (folder) => {
      const out = join(folder, "out")
      const file = write(folder, "server.yaml", server)
      const { stderr } = await windtunnel("run", file, "--out", out, "--set", "workload.requests=20000")
      expect(readdirSync(out).sort()).toEqual(["result.json", "scenario.json"])
      expect(stderr).toContain("no timeline of more than 10,000 requests unless --trace asks for it")
    }))

  test("name a trace by where it is, so that the scenario runs from anywhere", () =>
    inFolder(async (folder) => {
      write(folder, "mine.csv", "arrival_seconds,prompt_tokens,output_tokens\n0,100,10\n1,200,20\n")
      const file = write(
        folder,
        "server.yaml",
        server
          .replace("{ poisson: { rate: 20 } }", "{ trace: { file: mine.csv } }")
          .replace(/ {2}prompt: .*\n {2}output: .*\n/, "")
      )
      const out = join(folder, "deep", "out")
      await windtunnel("run", file, "--out", out)
      expect(json(join(out, "scenario.json")).workload.arrivals.trace.file).toBe(join(folder, "mine.csv"))
      const again = await windtunnel("run", join(out, "scenario.json"), "--json")
      expect(JSON.parse(again.stdout).result.requests.finished).toBe(2)
    }))
})

describe("what cannot be served ends with status 1", () => {
  const unfit = (...more: readonly string[]) =>
    run("--set", "model=llama-3.1-70b", "--set", "workload.requests=10", ...more)

  test("and says what fills the accelerator, and which changes make it fit", async () => {
    const { status, stdout, stderr } = await unfit()
    expect([status, stdout]).toEqual([1, ""])
    expect(stderr).toMatch(/^Small server\ndoes not fit: Llama 3\.1 70B needs 14\d GB on the fullest accelerator/)
    expect(stderr).toContain("weights 141 GB")
    expect(stderr).toMatch(/^ {4}tensor: 2, replicas: 1 +KV for [\d,]+ tokens +[\d.]+ ms\/token$/m)
    expect(stderr).toMatch(/^ {4}precision: int4-awq +KV for /m)
    expect(stderr).toMatch(/^next {4}windtunnel run .* --set serving.parallelism.tensor=2 --set serving.replicas=1$/m)
    expect(stderr.split("\n").filter((line) => line.length > 80 && !line.startsWith("next"))).toEqual([])
  })

  test("with a document of the memory and of the changes", async () => {
    const { status, stdout, stderr } = await unfit("--json")
    expect([status, stderr]).toEqual([1, ""])
    const { result, changesThatFit } = JSON.parse(stdout)
    expect(result.memory.fits).toBe(false)
    expect(changesThatFit[0].changes).toEqual({ "serving.parallelism.tensor": 2, "serving.replicas": 1 })
    expect(changesThatFit[0].memory.fits).toBe(true)
  })
})

describe("wrong input ends with status 2", () => {
  test.each([
    [["--requests"], "--requests writes a file: it needs --out folder"],
    [["--lanes"], "--lanes writes a file: it needs --out folder"],
    [["--set", "serving.batching.policy=contiguous"], "did you mean continuous"],
    [["--set", "workload.arrivals.trace.file=none.csv"], 'cannot read "none.csv": no such file']
  ])("%j", async (more, message) => {
    const { status, stdout, stderr } = await run(...more)
    expect([status, stdout]).toEqual([2, ""])
    expect(stderr).toContain(message)
  })

  test("the options of servers are refused for training", () =>
    inFolder(async (folder) => {
      const { status, stderr } = await windtunnel("run", write(folder, "small.yaml", small), "--requests")
      expect(status).toBe(2)
      expect(stderr).toContain("this is a scenario of training")
    }))

  test("a policy that plans nonsense is refused where it stands", () =>
    inFolder(async (folder) => {
      const script = `export default {
  cluster: { accelerator: "h100-sxm", accelerators: 1 },
  model: "bloom-560m",
  serving: { batching: { policy: () => ({ prefill: [{ id: 77, tokens: 5 }] }) } },
  workload: { arrivals: { batch: {} }, prompt: 10, output: 5, requests: 3 }
}
`
      const { status, stderr } = await windtunnel("run", write(folder, "mine.mjs", script))
      expect(status).toBe(2)
      expect(stderr).toMatch(/mine\.mjs\n {2}serving\.batching\.policy: the plan at 0 s has /)
    }))
})

describe("compare", () => {
  test("says what could be served where requests come by themselves, and not where users wait", async () => {
    const users = [
      "--set",
      "workload.arrivals={closedLoop: {users: 4, thinkTime: 1 s}}",
      "--set",
      "workload.requests=40"
    ]
    const open = await windtunnel("compare", "small-server", "small-server", "--set", "workload.requests=40")
    const closed = await windtunnel("compare", "small-server", "small-server", ...users)
    expect(open.stdout).toContain("requests/s it could serve")
    expect(closed.stdout).toMatch(/^ {2}requests\/s /m)
    expect(closed.stdout).not.toContain("it could serve")
  })

  test("explains the difference of two servers by request and by replica", async () => {
    const { status, stdout } = await inFolder((folder) =>
      windtunnel(
        "compare",
        write(folder, "a.yaml", server),
        write(folder, "b.yaml", `extends: a.yaml\nname: Half\nserving: { precision: fp8 }\n`)
      )
    )
    expect(status).toBe(0)
    expect(stdout).toMatch(/^A {2}Small server/m)
    expect(stdout).toMatch(/^B {2}Half/m)
    expect(stdout).toMatch(/^ {2}per token, mean +[\d.]+ ms +[\d.]+ ms +-[\d.]+ %$/m)
    expect(stdout).toMatch(/^ {2}decode +[\d.]+ ms +[\d.]+ ms +-[\d.]+ ms$/m)
    expect(stdout).toMatch(/^ {2}decode: matrices +[\d.]+ % +[\d.]+ % +-[\d.]+$/m)
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([])
  })

  test("differences of a request's parts add up to that of the whole", async () => {
    const { stdout } = await inFolder((folder) =>
      windtunnel(
        "compare",
        write(folder, "a.yaml", server),
        write(folder, "b.yaml", "extends: a.yaml\nworkload: { prompt: 2000 }\n"),
        "--json"
      )
    )
    const { metrics, request } = JSON.parse(stdout)
    const whole = metrics.find(({ name }: { name: string }) => name === "meanE2eSeconds")
    const parts = request.reduce((sum: number, { difference }: { difference: number }) => sum + difference, 0)
    expect(parts).toBeCloseTo(whole.b - whole.a, 9)
  })

  test("reads the kept result of a run", () =>
    inFolder(async (folder) => {
      const file = write(folder, "a.yaml", server)
      await windtunnel("run", file, "--out", join(folder, "kept"))
      const { status, stdout } = await windtunnel("compare", join(folder, "kept"), file)
      expect(status).toBe(0)
      expect(stdout).toMatch(/^ {2}requests\/s +([\d.]+) +\1 +0 %$/m)
    }))

  test("puts more than two in a table, the most tokens first", async () => {
    const { status, stdout } = await windtunnel("compare", "bloom-story")
    expect(status).toBe(0)
    const steps = [...stdout.matchAll(/^(\d)-[\w-]+ /gm)].map(([, step]) => Number(step))
    expect(steps).toEqual([6, 5, 4, 3, 2, 1, 0])
    expect(stdout).toMatch(/against measured: tpot -[\d.]+ %/)
    expect(stdout).toMatch(/measured: median error [\d.]+ %/)
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([])
  })

  test("refuses to compare a server with an iteration of training", async () => {
    const { status, stderr } = await windtunnel("compare", "small-server", "small")
    expect(status).toBe(2)
    expect(stderr).toContain("small is about training, small-server about serving")
  })

  test("says why one of them cannot be served", async () => {
    const { status, stderr } = await windtunnel(
      "compare",
      "mpt-30b-serve-a100-80gb",
      "mpt-30b-serve-a100-40gb",
      "--set",
      "model=falcon-40b"
    )
    expect(status).toBe(1)
    expect(stderr).toContain("does not fit")
  })
})

test("Ctrl-C writes what is complete", () =>
  inFolder(async (folder) => {
    const out = join(folder, "out")
    const long = server
      .replace("requests: 200", "requests: 20000000\nleap: off")
      .replace("  slo: { ttft: 500 ms }\n", "")
    const listeners = process.listenerCount("SIGINT")
    const ended = windtunnel("run", write(folder, "long.yaml", long), "--out", out).then(
      () => "done",
      () => "interrupted"
    )
    while (process.listenerCount("SIGINT") === listeners) await setImmediate()
    process.emit("SIGINT")
    expect(await ended).toBe("interrupted")
    expect(existsSync(join(out, "result.json"))).toBe(true)
    const { result } = json(join(out, "result.json"))
    expect(result.window.isCut).toBe(true)
    expect(result.requests.finished).toBeLessThan(20_000_000)
    expect(process.listenerCount("SIGINT")).toBe(listeners)
  }))
