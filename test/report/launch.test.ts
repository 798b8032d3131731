import { describe, expect, test } from "vitest"
import { parseAllDocuments } from "yaml"
import { servingLaunch, trainingLaunch, type LaunchFile } from "../../src/report/index.ts"
import { serving, smallServer, smallTraining, training } from "./resolved.ts"

const named = (files: readonly LaunchFile[], name: string): LaunchFile => {
  const file = files.find((one) => one.name === name)
  if (file === undefined) throw new Error(`no ${name}`)
  return file
}

/** The words of a command as a shell would split it, without the file that it writes first. */
const words = (text: string): readonly string[] =>
  text
    .replace(/^cat >[^]*\nEND\n/, "")
    .replaceAll("\\\n", " ")
    .trim()
    .split(/\s+/)

const valueOf = (text: string, flag: string): string | undefined => {
  const all = words(text)
  const at = all.indexOf(flag)
  return at < 0 ? undefined : all[at + 1]
}

describe("launching a training", () => {
  const files = trainingLaunch(training(smallTraining))

  test("the framework that is most like the stack comes first", () => {
    expect(files.map(({ name }) => name)).toEqual(["deepspeed", "megatron-lm", "torchtitan"])
    const core = { ...smallTraining, training: { ...smallTraining.training, stack: "megatron-core" } }
    expect(trainingLaunch(training(core))[0]?.name).toBe("megatron-lm")
  })

  test("Megatron-LM is told the layout, the batch and what is recomputed", () => {
    const { text } = named(files, "megatron-lm")
    expect(words(text).slice(0, 4)).toEqual(["torchrun", "--nnodes=1", "--nproc-per-node=8", "pretrain_gpt.py"])
    const told = [
      "--tensor-model-parallel-size",
      "--pipeline-model-parallel-size",
      "--micro-batch-size",
      "--global-batch-size",
      "--seq-length"
    ]
    expect(told.map((flag) => valueOf(text, flag))).toEqual(["2", "2", "1", "8", "2048"])
    expect(valueOf(text, "--recompute-granularity")).toBe("full")
    expect(text).toContain("--use-distributed-optimizer")
    // 1B tokens in iterations of 8 x 2048.
    expect(valueOf(text, "--train-iters")).toBe("61036")
  })

  test("DeepSpeed's configuration has the batch sizes and the ZeRO stage", () => {
    const { text } = named(files, "deepspeed")
    const config = /<<'END'\n([^]*?)\nEND/.exec(text)?.[1] ?? ""
    expect(JSON.parse(config)).toMatchObject({
      train_batch_size: 8,
      train_micro_batch_size_per_gpu: 1,
      zero_optimization: { stage: 1 },
      bf16: { enabled: true }
    })
    expect(words(text).slice(0, 6)).toEqual(["deepspeed", "--num_nodes", "1", "--num_gpus", "8", "pretrain_gpt.py"])
    expect(valueOf(text, "--position-embedding-type")).toBe("alibi")
  })

  test("torchtitan's degrees multiply to the accelerators", () => {
    const { text } = named(files, "torchtitan")
    const degrees = [
      ...text.matchAll(
        /^(?:data_parallel_replicate|data_parallel_shard|tensor_parallel|context_parallel|pipeline_parallel)_degree = (\d+)$/gm
      )
    ]
    expect(degrees.map(([, degree]) => Number(degree)).reduce((product, degree) => product * degree, 1)).toBe(8)
    expect(text).toContain('mode = "full"')
    expect(named(files, "torchtitan").remarks).toEqual([
      expect.stringMatching(/^BLOOM-\S+: torchtitan has no such model, its shapes have to be registered$/)
    ])
  })

  test("a schedule that a framework does not have is said", () => {
    const zero = { ...smallTraining, training: { ...smallTraining.training, schedule: "zb-h1" } }
    for (const file of trainingLaunch(training(zero)))
      expect(file.remarks).toContain("the simulated schedule is zb-h1, which this framework does not have")
  })

  test("interleaved stages are told in layers", () => {
    const chunks = {
      ...smallTraining,
      training: { ...smallTraining.training, parallelism: { tensor: 2, pipeline: 2, data: 2, virtualPipeline: 3 } }
    }
    // 24 layers over 2 stages of 3 chunks.
    expect(
      valueOf(named(trainingLaunch(training(chunks)), "megatron-lm").text, "--num-layers-per-virtual-pipeline-stage")
    ).toBe("4")
  })
})

describe("launching a server", () => {
  const files = servingLaunch(serving(smallServer))

  test("the scenario's own engine comes first, then the others, Kubernetes, and the benchmark", () => {
    expect(files.map(({ name }) => name)).toEqual(["vllm", "tensorrt-llm", "sglang", "kubernetes", "vllm-bench"])
    const other = { ...smallServer, serving: { stack: "sglang", replicas: 2 } }
    expect(servingLaunch(serving(other))[0]?.name).toBe("sglang")
  })

  test("Kubernetes runs as many replicas as were simulated, each with its accelerators", () => {
    const [deployment, service] = parseAllDocuments(named(files, "kubernetes").text).map((document) => document.toJS())
    expect(deployment).toMatchObject({
      kind: "Deployment",
      metadata: { name: "llama-3-1-8b-vllm" },
      spec: { replicas: 2 }
    })
    const [container] = deployment.spec.template.spec.containers
    expect(container.resources.limits).toEqual({ "nvidia.com/gpu": 1 })
    expect(container.image).toBe("vllm/vllm-openai:v0.19.0")
    expect(container.command.slice(0, 3)).toEqual(["vllm", "serve", "meta-llama/Llama-3.1-8B"])
    expect(service.spec.selector).toEqual(deployment.spec.selector.matchLabels)
  })

  test("a replica that spans nodes is a leader with its workers", () => {
    const large = {
      ...smallServer,
      cluster: { system: "dgx-h100", nodes: 2 },
      model: "llama-3.1-405b",
      serving: { stack: "vllm-v1", parallelism: { tensor: 8, pipeline: 2 } }
    }
    const [set] = parseAllDocuments(named(servingLaunch(serving(large)), "kubernetes").text).map((document) =>
      document.toJS()
    )
    expect(set).toMatchObject({ kind: "LeaderWorkerSet", spec: { replicas: 1, leaderWorkerTemplate: { size: 2 } } })
    const { leaderTemplate, workerTemplate } = set.spec.leaderWorkerTemplate
    expect(leaderTemplate.spec.containers[0].command.at(-1)).toContain("--pipeline-parallel-size 2")
    expect(workerTemplate.spec.containers[0].resources.limits).toEqual({ "nvidia.com/gpu": 8 })
  })

  test("the benchmark has the scenario's load, lengths and goals", () => {
    const { text, remarks } = named(files, "vllm-bench")
    const told = ["--request-rate", "--num-prompts", "--random-input-len", "--random-output-len", "--result-filename"]
    expect(told.map((flag) => valueOf(text, flag))).toEqual(["20", "200", "512", "40", "bench.json"])
    expect(text).toMatch(/--goodput ttft:100 tpot:10$/)
    // Prompts are all alike and answers are not, which one ratio cannot say.
    expect(remarks).toContain("lengths are their means here: percentiles will be narrower than predicted")
  })

  test("a scenario that ends after a time has as many prompts as come until then, on the mean", () => {
    const { requests: _none, ...workload } = smallServer.workload
    const timed = (changes: object) => {
      const data = { ...smallServer, workload: { ...workload, duration: "10 min", ...changes } }
      return named(servingLaunch(serving(data)), "vllm-bench")
    }
    const { text, remarks } = timed({ arrivals: { poisson: { rate: 43 } } })
    expect(valueOf(text, "--num-prompts")).toBe("25800")
    expect(remarks.join(" ")).toContain("the scenario ends after 600 s")
    expect(valueOf(timed({ requests: 100 }).text, "--num-prompts")).toBe("100")
  })

  test("gaps that vary by 2 have a burstiness of a quarter", () => {
    const bursty = {
      ...smallServer,
      workload: { ...smallServer.workload, arrivals: { gamma: { rate: 5, variation: 2 } } }
    }
    const { text } = named(servingLaunch(serving(bursty)), "vllm-bench")
    expect([valueOf(text, "--request-rate"), valueOf(text, "--burstiness")]).toEqual(["5", "0.25"])
  })

  test("lengths that vary alike have a range", () => {
    const varying = {
      ...smallServer,
      workload: { ...smallServer.workload, prompt: { uniform: [128, 384] }, output: { uniform: [32, 96] } }
    }
    const { text } = named(servingLaunch(serving(varying)), "vllm-bench")
    expect([valueOf(text, "--random-input-len"), valueOf(text, "--random-range-ratio")]).toEqual(["256", "0.5"])
  })

  test("batching that an engine does not have is said", () => {
    const fixed = {
      ...smallServer,
      serving: { stack: "vllm-v1", replicas: 2, batching: { policy: "static", maxBatchSize: 8 } }
    }
    expect(named(servingLaunch(serving(fixed)), "vllm").remarks).toContain(
      "the simulated batching is static, which this engine does not have"
    )
  })

  test("a hostile name stays one word of the shell and one text of YAML", () => {
    const hostile = {
      ...smallServer,
      model: { extends: "llama-3.1-8b", name: "x'; rm -rf / #\n- kind: Secret", aliases: [] }
    }
    const all = servingLaunch(serving(hostile))
    expect(named(all, "vllm").text).toMatch(/^vllm serve 'x'\\''; rm -rf \/ #\n- kind: Secret'/)
    const documents = parseAllDocuments(named(all, "kubernetes").text)
    expect(documents.map((document) => [document.errors.length, document.toJS().kind])).toEqual([
      [0, "Deployment"],
      [0, "Service"]
    ])
    expect(documents[0]?.toJS().spec.template.spec.containers[0].command[2]).toBe("x'; rm -rf / #\n- kind: Secret")
  })
})
