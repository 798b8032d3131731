/** The serving scenario that tests start from, and ways to load and resolve a text. */
import {
  loadScenario,
  resolveServing,
  type ReadText,
  type Refused,
  type ResolvedServing,
  type ScenarioIssue
} from "../../src/scenario/index.ts"
import { files } from "./bloom.ts"

export const chat = `name: Chat
cluster:
  system: dgx-h100
  accelerators: 8
model: llama-3.1-8b
serving:
  stack: vllm-v1
  parallelism: { tensor: 2 }
workload:
  arrivals: { poisson: { rate: 10 } }
  prompt: 512
  output: { uniform: [16, 256] }
`

export const resolveText = (
  text: string,
  others: Readonly<Record<string, string>> = {},
  set: readonly string[] = []
): ResolvedServing | Refused => {
  const readText: ReadText = files({ "work/mine.yaml": text, ...others })
  const loaded = loadScenario({ file: "work/mine.yaml", readText, set })
  return loaded._tag === "Refused" ? loaded : resolveServing(loaded, { readText })
}

/** The resolved scenario of a text that must be accepted. */
export const accepted = (...given: Parameters<typeof resolveText>): ResolvedServing => {
  const resolved = resolveText(...given)
  if (resolved._tag === "Refused")
    throw new Error(resolved.issues.map(({ path, problem }) => `${path} ${problem}`).join())
  return resolved
}

/** The only issue of a text that must be refused. */
export const refused = (...given: Parameters<typeof resolveText>): ScenarioIssue => {
  const resolved = resolveText(...given)
  const issues = resolved._tag === "Refused" ? resolved.issues : []
  const [issue] = issues
  if (issue === undefined || issues.length > 1) throw new Error(`${issues.length} issues: ${JSON.stringify(issues)}`)
  return issue
}
