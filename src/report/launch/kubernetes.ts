/**
 * The server as Kubernetes runs it: a Deployment of replicas and a Service that divides the requests; where a replica
 * spans nodes, a LeaderWorkerSet (leaderworkerset.x-k8s.io) of vLLM over Ray.
 */
import type { ResolvedServing } from "../../scenario/index.ts"
import { quoted, type LaunchFile } from "./file.ts"
import { acceleratorsOf } from "./server.ts"
import { vllmServer } from "./vllm.ts"

/** Text as YAML takes it whatever is in it: JSON strings are YAML. */
const yaml = (text: string): string => JSON.stringify(text)

/** A name as Kubernetes wants it: lower case, digits and dashes, at most 53 characters. */
export const resourceName = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^[^a-z]+|-+$/g, "")
    .slice(0, 53)
    .replace(/-+$/, "") || "server"

const port = 8000

const image = (version: string): string => {
  const parts = version.split(".")
  return `vllm/vllm-openai:${/^\d/.test(version) ? `v${parts.length === 2 ? `${version}.0` : version}` : "latest"}`
}

export const kubernetesManifest = (resolved: ResolvedServing): LaunchFile => {
  const { job, system } = resolved
  const name = resourceName(`${job.target.model.name}-vllm`)
  const { model, flags, remarks } = vllmServer(resolved, 1)
  const accelerators = acceleratorsOf(job)
  const perNode = system.acceleratorsPerNode
  const nodes = Math.ceil(accelerators / perNode)
  const args = flags.flatMap(([flag, value]) =>
    value === undefined ? [] : value === true ? [flag] : [flag, String(value)]
  )
  const isOwn = job.target.stack.name.startsWith("vllm")
  const container = (command: readonly string[], indent: string): string =>
    [
      `- name: server`,
      `  image: ${image(isOwn ? job.target.version : "")}`,
      `  command: [${command.map(yaml).join(", ")}]`,
      `  env:`,
      `    - name: HF_TOKEN`,
      `      valueFrom: { secretKeyRef: { name: hugging-face, key: token, optional: true } }`,
      ...(isOwn && job.target.stack.name.startsWith("vllm-v0") ? [`    - { name: VLLM_USE_V1, value: "0" }`] : []),
      `  ports: [{ containerPort: ${port} }]`,
      `  resources: { limits: { nvidia.com/gpu: ${Math.min(accelerators, perNode)} } }`,
      `  readinessProbe: { httpGet: { path: /health, port: ${port} }, periodSeconds: 10 }`,
      `  volumeMounts: [{ name: shared-memory, mountPath: /dev/shm }]`
    ]
      .map((line) => indent + line)
      .join("\n")
  const volumes = (indent: string): string =>
    `${indent}volumes: [{ name: shared-memory, emptyDir: { medium: Memory } }]`
  const serve = ["vllm", "serve", model, ...args]
  const start = (role: string): readonly string[] => [
    "sh",
    "-c",
    role === "leader"
      ? `ray start --head --port=6379 && sleep 10 && ${[...serve, "--distributed-executor-backend", "ray"].map(quoted).join(" ")}`
      : "ray start --block --address=$(LWS_LEADER_ADDRESS):6379"
  ]
  const workload =
    nodes === 1
      ? `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: ${job.replicas}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
${container(serve, "        ")}
${volumes("      ")}`
      : `apiVersion: leaderworkerset.x-k8s.io/v1
kind: LeaderWorkerSet
metadata:
  name: ${name}
spec:
  replicas: ${job.replicas}
  leaderWorkerTemplate:
    size: ${nodes}
    leaderTemplate:
      metadata: { labels: { app: ${name} } }
      spec:
        containers:
${container(start("leader"), "          ")}
${volumes("        ")}
    workerTemplate:
      spec:
        containers:
${container(start("worker"), "          ").replace(/\n *readinessProbe.*/, "")}
${volumes("        ")}`
  return {
    name: "kubernetes",
    title: `Kubernetes: ${job.replicas} replica${job.replicas === 1 ? "" : "s"} of ${accelerators} accelerator${accelerators === 1 ? "" : "s"}, with vLLM`,
    language: "yaml",
    text: `${workload}
---
apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector: { app: ${name} }
  ports: [{ port: 80, targetPort: ${port} }]`,
    remarks: [
      ...(job.replicas > 1
        ? ["a Service divides connections at random; a gateway that knows the queues does better"]
        : []),
      ...(isOwn ? [] : ["the image is the newest: the scenario is about another engine"]),
      ...(job.target.accelerator.vendor === "NVIDIA"
        ? []
        : ["nvidia.com/gpu: take the resource of your accelerator's plugin"]),
      ...remarks
    ]
  }
}
