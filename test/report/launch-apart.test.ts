/**
 * Commands for fleets whose prompts and answers are apart, run with stubs of the engines: so many servers, on accelerators of
 * their own, each known to the router.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { parse } from "yaml"
import { importServer, isRefused } from "../../src/importing/index.ts"
import { servingLaunch, type LaunchFile } from "../../src/report/index.ts"
import { inFolder, windtunnel } from "../cli/command-line.ts"
import { run, valueOf, valuesOf, type Started } from "./launched.ts"
import { serving } from "./resolved.ts"

const named = (files: readonly LaunchFile[], name: string): LaunchFile => {
  const file = files.find((one) => one.name === name)
  if (file === undefined) throw new Error(`no ${name}: ${files.map((one) => one.remarks.join("; ")).join("; ")}`)
  return file
}

const workload = { arrivals: { poisson: { rate: 5 } }, prompt: { uniform: [100, 900] }, output: 64, requests: 100 }

/** Three servers of two for prompts and one of four for answers on two nodes: the second node has the rest of both. */
const small = (server: object = {}, prompts: object = {}, answers: object = {}) => ({
  cluster: { system: "dgx-h100", nodes: 2 },
  model: "llama-3.1-8b",
  serving: {
    stack: "vllm-v1",
    ...server,
    pools: [
      { name: "prompts", role: "prefill", replicas: 4, parallelism: { tensor: 2 }, ...prompts },
      { name: "answers", role: "decode", replicas: 2, parallelism: { tensor: 4 }, ...answers }
    ]
  },
  workload
})

const isServer = ({ words }: Started): boolean => words.includes("serve") || words.includes("sglang.launch_server")

/** Accelerators that a server was given. */
const devices = ({ environment }: Started): readonly string[] => (environment["CUDA_VISIBLE_DEVICES"] ?? "").split(",")

const addressOf = (node: string, port: string): string => `node-${node}:${port}`

describe.each([
  { engine: "vllm", tensor: "--tensor-parallel-size" },
  { engine: "sglang", tensor: "--tp-size" },
  { engine: "tensorrt-llm", tensor: "--tp_size" }
])("a script of $engine", ({ engine, tensor }) => {
  const file = named(servingLaunch(serving(small())), engine)
  const { started, files } = run(file.text, 2)
  const servers = started.filter((one) => isServer(one) && valueOf(one, tensor) !== undefined)

  test("starts as many servers of each kind as were simulated, where the pools' accelerators are", () => {
    const kinds = servers.map((one) => `${one.node} x ${valueOf(one, tensor)}`).toSorted()
    expect(kinds).toEqual(["0 x 2", "0 x 2", "0 x 2", "0 x 2", "1 x 4", "1 x 4"])
    for (const node of ["0", "1"]) {
      const taken = servers.filter((one) => one.node === node).flatMap(devices)
      expect(taken.toSorted()).toEqual(["0", "1", "2", "3", "4", "5", "6", "7"])
    }
    for (const one of servers) expect(devices(one)).toHaveLength(Number(valueOf(one, tensor)))
  })

  test("the router knows every server by its address, on the side that it is on", () => {
    const sides = (width: string): readonly string[] =>
      servers
        .filter((one) => valueOf(one, tensor) === width)
        .map((one) => addressOf(one.node, valueOf(one, "--port") ?? ""))
        .toSorted()
    const known =
      engine === "tensorrt-llm"
        ? parse(files.get("disaggregated.yaml") ?? "")
        : started.find(({ words }) => words.includes("--prefill"))
    const [prompts, answers] =
      engine === "tensorrt-llm"
        ? [known.context_servers.urls, known.generation_servers.urls]
        : ["--prefill", "--decode"].map((flag) => valuesOf(known, flag).map((url) => url.replace("http://", "")))
    expect(prompts.toSorted()).toEqual(sides("2"))
    expect(answers.toSorted()).toEqual(sides("4"))
    expect(new Set(servers.map((one) => addressOf(one.node, valueOf(one, "--port") ?? ""))).size).toBe(6)
    expect(started.filter(({ node }) => node === "router")).toHaveLength(1)
  })

  test("a line of it fits a terminal", () => {
    expect(Math.max(...file.text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(78)
  })
})

describe("vLLM", () => {
  const { text, remarks } = named(servingLaunch(serving(small())), "vllm")
  const { started } = run(text, 2)

  test("servers hand over by the NixlConnector, and their handshakes don't meet", () => {
    const servers = started.filter(isServer)
    const roles = servers.map((one) => JSON.parse(valueOf(one, "--kv-transfer-config") ?? ""))
    expect(roles.filter((one) => one.kv_role === "kv_producer")).toHaveLength(4)
    expect(roles.filter((one) => one.kv_role === "kv_consumer")).toHaveLength(2)
    expect(new Set(roles.map((one) => one.kv_connector))).toEqual(new Set(["NixlConnector"]))
    const handshakes = servers.map(
      ({ environment }) => `${environment["VLLM_NIXL_SIDE_CHANNEL_HOST"]}:${environment["VLLM_NIXL_SIDE_CHANNEL_PORT"]}`
    )
    expect(new Set(handshakes).size).toBe(6)
    expect(handshakes.toSorted().at(-1)).toBe("node-1:5604")
  })

  test("the router is vLLM's, with the policies that are nearest to the simulated ones", () => {
    const router = started.find(({ node }) => node === "router")
    expect(router?.words.slice(0, 2)).toEqual(["vllm-router", "--vllm-pd-disaggregation"])
    expect([valueOf(router!, "--prefill-policy"), valueOf(router!, "--decode-policy")]).toEqual([
      "round_robin",
      "power_of_two"
    ])
    expect(remarks).toContain(
      "who writes an answer: least-requests in the simulation, the less loaded of two servers here"
    )
  })

  test("a server's command, imported again, is the pool", () => {
    const [, command = ""] = /(vllm serve [^&]*)/.exec(text.slice(text.indexOf("# answers"))) ?? []
    const server = importServer({
      source: "report",
      command: command.replaceAll(/\$\(\([^)]*\)\)/g, "8200"),
      system: "dgx-h100",
      isStrict: false
    })
    if (isRefused(server)) throw new Error(JSON.stringify(server.issues))
    expect(server.scenario).toMatchObject({ serving: { parallelism: { tensor: 4 } } })
  })

  test("groups that attend for themselves over two nodes: the second's server belongs to the first's", () => {
    const wide = {
      cluster: { system: "dgx-h100", nodes: 1 },
      model: "deepseek-v3",
      serving: {
        stack: "vllm-v1",
        precision: "fp8",
        maxSequence: 8192,
        pools: [
          { name: "prompts", role: "prefill", cluster: { nodes: 4 }, parallelism: { expert: 16, dataAttention: 16 } },
          { name: "answers", role: "decode", cluster: { nodes: 2 }, parallelism: { expert: 16, dataAttention: 16 } }
        ]
      },
      workload
    }
    const all = run(named(servingLaunch(serving(wide)), "vllm").text, 6).started
    const servers = all.filter(isServer).toSorted((one, other) => Number(one.node) - Number(other.node))
    expect(servers.map((one) => valueOf(one, "--data-parallel-address"))).toEqual(["node-0", "node-0", "node-2", "node-2", "node-4", "node-4"]) // prettier-ignore
    expect(servers.map((one) => valueOf(one, "--data-parallel-start-rank"))).toEqual([undefined, "8", undefined, "8", undefined, "8"]) // prettier-ignore
    expect(servers.map(({ words }) => words.includes("--headless"))).toEqual([false, true, false, true, false, true])
    for (const one of servers)
      expect([valueOf(one, "--data-parallel-size"), valueOf(one, "--data-parallel-size-local")]).toEqual(["16", "8"])
    const router = all.find(({ node }) => node === "router")!
    expect([valuesOf(router, "--prefill"), valuesOf(router, "--decode")]).toEqual([
      ["http://node-0:8100", "http://node-2:8100"],
      ["http://node-4:8200"]
    ])
  })

  test("no commands for pipeline stages, whose keys and values its connector does not move", () => {
    const staged = servingLaunch(serving(small({}, { parallelism: { tensor: 1, pipeline: 2 } })))
    expect(staged.map(({ name }) => name)).toEqual(["tensorrt-llm", "sglang", "vllm-bench"])
    expect(staged[0]?.remarks).toContain(
      "no commands of vLLM: its NixlConnector moves no keys and values of pipeline stages, which prompts has"
    )
  })
})

describe("SGLang", () => {
  const files = servingLaunch(serving(small({ stack: "sglang" })))
  const { started } = run(named(files, "sglang").text, 2)

  test("comes first where it was simulated", () => {
    expect(files.map(({ name }) => name)).toEqual(["sglang", "vllm", "tensorrt-llm", "vllm-bench"])
    expect(files[0]?.title).toBe("SGLang: 4 servers for prompts, 2 for answers, and a router")
  })

  test("each server is told its mode, and the router each bootstrap port beside its server", () => {
    const servers = started.filter(({ words }) => words.includes("sglang.launch_server"))
    const modes = servers.map((one) => String(valueOf(one, "--disaggregation-mode"))).toSorted()
    expect(modes).toEqual(["decode", "decode", "prefill", "prefill", "prefill", "prefill"])
    expect(new Set(servers.map((one) => valueOf(one, "--disaggregation-transfer-backend")))).toEqual(new Set(["nixl"]))
    const router = started.find(({ node }) => node === "router")!
    expect(router.words.slice(0, 4)).toEqual(["python", "-m", "sglang_router.launch_router", "--pd-disaggregation"])
    const known = router.words.flatMap((word, index) =>
      word === "--prefill" ? [`${router.words[index + 1]} ${router.words[index + 2]}`] : []
    )
    const ports = servers
      .filter((one) => valueOf(one, "--disaggregation-mode") === "prefill")
      .map(
        (one) => `http://node-${one.node}:${valueOf(one, "--port")} ${valueOf(one, "--disaggregation-bootstrap-port")}`
      )
    expect(known.toSorted()).toEqual(ports.toSorted())
    expect(new Set(ports).size).toBe(4)
  })

  test("a server over several nodes is as many ranks of one group", () => {
    const wide = {
      cluster: { system: "hgx-h800", nodes: 1 },
      model: "deepseek-v3",
      serving: {
        stack: "sglang",
        precision: "fp8",
        maxSequence: 16384,
        redundantExperts: 32,
        twoBatchOverlap: true,
        expertExchange: { by: "all-to-all", dispatch: "fp8", nodeLimit: 4 },
        pools: [
          { name: "prompts", role: "prefill", cluster: { nodes: 8 }, parallelism: { expert: 32, dataAttention: 32 } },
          { name: "answers", role: "decode", cluster: { nodes: 9 }, parallelism: { expert: 72, dataAttention: 72 } }
        ]
      },
      workload
    }
    const servers = run(named(servingLaunch(serving(wide)), "sglang").text, 17).started.filter(({ words }) =>
      words.includes("sglang.launch_server")
    )
    const ranks = new Map(servers.map((one) => [Number(one.node), `${valueOf(one, "--node-rank")}/${valueOf(one, "--nnodes")} ${valueOf(one, "--dist-init-addr")}`])) // prettier-ignore
    expect(servers).toHaveLength(17)
    // 256 experts and 32 copies are 9 a rank of 32, 4 of 72.
    for (const one of servers) {
      expect([valueOf(one, "--ep-num-redundant-experts"), valueOf(one, "--moe-a2a-backend")]).toEqual(["32", "deepep"])
      expect(one.words).toContain("--enable-two-batch-overlap")
    }
    const others = servingLaunch(serving(wide))
    expect(named(others, "vllm").text).toContain(`--eplb-config '{"num_redundant_experts":32}'`)
    expect(named(others, "vllm").remarks).toContain("left out: how tokens get to the experts of other ranks")
    expect(named(others, "tensorrt-llm").remarks).toContain("left out: copies of busy experts")
    expect([ranks.get(0), ranks.get(5), ranks.get(8), ranks.get(16)]).toEqual(["0/4 node-0:5000", "1/4 node-4:5000", "0/9 node-8:5000", "8/9 node-8:5000"]) // prettier-ignore
  })
})

describe("TensorRT-LLM", () => {
  test("context servers do without overlap, and buffers hold the longest prompt", () => {
    const { text } = named(servingLaunch(serving(small({ stack: "tensorrt-llm" }))), "tensorrt-llm")
    const { files, started } = run(text, 2)
    expect(parse(files.get("context-0.yaml") ?? "")).toMatchObject({
      disable_overlap_scheduler: true,
      cache_transceiver_config: { backend: "DEFAULT", max_tokens_in_buffer: 900 }
    })
    const generation = parse(files.get("generation-1.yaml") ?? "")
    expect(generation).toMatchObject({ cache_transceiver_config: { max_tokens_in_buffer: 900 } })
    expect(generation).not.toHaveProperty("disable_overlap_scheduler")
    expect(parse(files.get("disaggregated.yaml") ?? "")).toMatchObject({
      port: 8000,
      context_servers: { num_instances: 4 },
      generation_servers: { num_instances: 2 }
    })
    expect(started.find(({ node }) => node === "router")?.words).toEqual([
      "trtllm-serve",
      "disaggregated",
      "-c",
      "disaggregated.yaml"
    ])
  })

  test("a server over several nodes is started once, by Slurm", () => {
    const wide = small({ stack: "tensorrt-llm" }, { cluster: { nodes: 2 }, replicas: 1, parallelism: { tensor: 8, pipeline: 2 } }, { replicas: 4 }) // prettier-ignore
    const { started } = run(named(servingLaunch(serving(wide)), "tensorrt-llm").text, 4)
    const srun = started.filter(({ words }) => words[0] === "srun")
    expect(srun).toHaveLength(1)
    expect(srun[0]?.node).toBe("0")
    expect([valueOf(srun[0]!, "-N"), valueOf(srun[0]!, "--ntasks"), valueOf(srun[0]!, "-w")]).toEqual(["2", "16", "node-0,node-1"]) // prettier-ignore
    expect([valueOf(srun[0]!, "--tp_size"), valueOf(srun[0]!, "--pp_size")]).toEqual(["8", "2"])
    expect(srun[0]?.words).toContain("trtllm-llmapi-launch")
  })
})

test("the report of a scenario with such pools has the scripts where a single server has its commands", async () => {
  await inFolder(async (folder) => {
    writeFileSync(join(folder, "fleet.json"), JSON.stringify(small()))
    const { status } = await windtunnel("report", join(folder, "fleet.json"), "--out", join(folder, "report"), "--workers=1") // prettier-ignore
    expect(status).toBe(0)
    const report = readFileSync(join(folder, "report", "report.md"), "utf8")
    for (const command of [
      "vllm-router --vllm-pd-disaggregation",
      "sglang_router.launch_router --pd-disaggregation",
      "trtllm-serve disaggregated -c"
    ])
      // prettier-ignore
      expect(report).toContain(command)
  })
})

describe("what is said instead", () => {
  test("software without such servers: the commands are of others", () => {
    const remarksOf = (server: object): readonly string[] => servingLaunch(serving(small(server)))[0]?.remarks ?? []
    expect(remarksOf({ stack: "vllm-v0-eager" })[0]).toMatch(
      /^the simulated vLLM of 2023 .* has no servers for prompts apart from answers .*of a release of today$/
    )
    expect(remarksOf({ stack: "tensorrt-llm", version: "0.10" })[0]).toMatch(
      /0\.10 has no `trtllm-serve disaggregated`/
    )
    expect(remarksOf({ stack: "generic-continuous" })[0]).toMatch(/these are of other engines$/)
    expect(remarksOf({ stack: "vllm-v1" })[0]).toBe("needs `pip install nixl vllm-router`")
  })

  test("pools that serve requests whole have the benchmark alone, and why", () => {
    const whole = small({}, { role: "both" }, { role: "both" })
    const files = servingLaunch(serving(whole))
    expect(files.map(({ name }) => name)).toEqual(["vllm-bench"])
    expect(files[0]?.remarks[0]).toMatch(/^no engine's commands start this fleet: pools that serve requests whole/)
  })

  test("what the hand-over of the engines cannot do", () => {
    const mixing = servingLaunch(serving(small({ handover: { mixing: {} } })))
    expect(named(mixing, "vllm").remarks).toContain("left out: replicas that stand in for those of the other pool")
    const after = servingLaunch(serving(small({ handover: { overlap: "after-prefill" } })))
    expect(named(after, "vllm").remarks.filter((one) => one.includes("layer by layer"))).toEqual([])
  })
})
