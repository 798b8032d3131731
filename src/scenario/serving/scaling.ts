/**
 * How replicas start, come and go and fail, as written and with what the scenario leaves out.
 */
import { countParameters } from "../../transformer/index.ts"
import type { InferenceMemory, InferenceTarget } from "../../inference/index.ts"
import type { Batching, Lifecycle, Scaling } from "../../serving/index.ts"
import type { Evidence } from "../../training/index.ts"
import { show, type Finding } from "../issue.ts"
import type { ServingScenario } from "../schema.ts"
import { refuse } from "../size-checks.ts"

type Written = ServingScenario["serving"]
type WrittenScaling = NonNullable<Written["scaling"]>

/**
 * Graph capture and warm-up of a vLLM server: 12 + 5 s for 8 billion parameters, 30 + 10 s for 70 billion; a line through the
 * two.
 */
const warmUp = { secondsAt8: 17, secondsAt70: 40 }
const warmUpSource = "cold starts of vLLM, spheron.network 2026: graphs 12 s and warm-up 5 s (8B), 30 s and 10 s (70B)"
/** Jean Zay's parallel file system loads BLOOM's 352 GB in two minutes. */
const usualStorageRate = 3e9
const storageSource = "BLOOM's 352 GB load in two minutes from GPFS (bigscience/176B chronicles)"

const usualRepair = 600
const usualRetries = 3

const warmUpSeconds = (parameters: number): number =>
  Math.max(0, warmUp.secondsAt8 + ((parameters / 1e9 - 8) / (70 - 8)) * (warmUp.secondsAt70 - warmUp.secondsAt8))

export interface LifeRequest {
  readonly serving: Written
  readonly target: InferenceTarget
  readonly memory: InferenceMemory
  readonly batching: Batching
  readonly replicas: number
}

export interface ResolvedLife {
  readonly lifecycle: Lifecycle
  readonly evidence: readonly Evidence[]
}

/** Undefined where all replicas are there all the time. */
export const lifecycleOf = (request: LifeRequest): ResolvedLife | undefined | readonly Finding[] => {
  const { serving, target, memory } = request
  const { startUp = {}, scaling, failures, rollingRestart } = serving
  const findings = findImpossible(request)
  if (findings.length > 0) return findings
  if (scaling === undefined && failures === undefined && rollingRestart === undefined) return undefined
  const read = target.stack.memory.loadBytesPerSecond
  return {
    lifecycle: {
      startUp: {
        nodeSeconds: startUp.node ?? 0,
        imageSeconds: startUp.image ?? 0,
        weightBytes: memory.loadSeconds * read,
        readBytesPerSecond: startUp.readRate ?? read,
        storageBytesPerSecond: startUp.storageRate ?? usualStorageRate,
        warmUpSeconds: startUp.warmUp ?? warmUpSeconds(countParameters(target.model).total)
      },
      ...(scaling === undefined ? {} : { scaling: scalingOf(scaling, request.replicas) }),
      ...(failures === undefined
        ? {}
        : {
            failures: {
              meanSeconds: failures.meanTime ?? Infinity,
              at: failures.at ?? [],
              repairSeconds: failures.repair ?? usualRepair,
              requests: failures.requests ?? "retry",
              retries: failures.retries ?? usualRetries
            }
          }),
      ...(rollingRestart === undefined ? {} : { restart: { atSeconds: rollingRestart.at } })
    },
    evidence: [
      ...(startUp.warmUp === undefined
        ? [{ name: "startUp.warmUp", constant: { value: warmUp.secondsAt8, origin: "published", source: warmUpSource } } as const] // prettier-ignore
        : []),
      ...(startUp.storageRate === undefined
        ? [{ name: "startUp.storageRate", constant: { value: usualStorageRate, origin: "published", source: storageSource } } as const] // prettier-ignore
        : [])
    ]
  }
}

const limitsOf = ({ min, max, initial, on }: WrittenScaling, replicas: number) => {
  const minimum = min ?? 1
  return { minimum, maximum: max ?? replicas, initial: initial ?? on.schedule?.[0]?.[1] ?? minimum }
}

const scalingOf = (written: WrittenScaling, replicas: number): Scaling => {
  const { on } = written
  const [signal, value] = Object.entries(on)[0] as [Scaling["signal"], unknown]
  const latency = on.ttft ?? on.tpot
  return {
    ...limitsOf(written, replicas),
    signal,
    target: latency?.goal ?? (typeof value === "number" ? value : 1),
    quantile: latency?.percentile ?? 0.9,
    windowSeconds: written.window ?? 60,
    everySeconds: written.every ?? 15,
    tolerance: written.tolerance ?? 0.1,
    upCooldownSeconds: written.upCooldown ?? 0,
    downCooldownSeconds: written.downCooldown ?? 300,
    spare: written.spare ?? 0,
    schedule: on.schedule ?? []
  }
}

const findImpossible = ({ serving, batching, replicas }: LifeRequest): readonly Finding[] => {
  const { startUp, scaling, failures } = serving
  const findings: Finding[] = []
  const written = (["scaling", "failures", "rollingRestart"] as const).filter((field) => serving[field] !== undefined)
  if (startUp !== undefined && written.length === 0)
    findings.push({
      path: ["serving", "startUp"],
      at: "key",
      problem: "nothing starts: all replicas are there all the time",
      given: "startUp",
      expected: "scaling, failures or rollingRestart beside it, or nothing"
    })
  if (failures !== undefined && typeof batching.policy === "function")
    findings.push({
      path: ["serving", "failures"],
      at: "key",
      problem: "a policy of one's own is not told that its requests are gone",
      given: "failures",
      expected: "a policy that has a name"
    })
  if (failures !== undefined && failures.meanTime === undefined && (failures.at ?? []).length === 0)
    findings.push({
      path: ["serving", "failures"],
      at: "key",
      problem: "nothing ever fails",
      given: "neither meanTime nor at",
      expected: "meanTime, or at with a time and a replica"
    })
  for (const [index, [, replica]] of (failures?.at ?? []).entries())
    if (replica >= replicas)
      findings.push(
        refuse(["serving", "failures", "at", index, 1], replica, `there are ${replicas} replicas, from 0 on`, `at most ${replicas - 1}`, [replicas - 1]) // prettier-ignore
      )
  return [...findings, ...(scaling === undefined ? [] : findUnscalable(scaling, replicas))]
}

const findUnscalable = (written: WrittenScaling, replicas: number): readonly Finding[] => {
  const { minimum, maximum, initial } = limitsOf(written, replicas)
  const { schedule } = written.on
  const at = (...path: readonly (string | number)[]) => ["serving", "scaling", ...path]
  if (maximum > replicas)
    return [refuse(at("max"), maximum, `the machines hold ${replicas} replicas`, `at most ${replicas}`, [replicas])]
  if (minimum > maximum)
    return [
      refuse(at("min"), minimum, `the fewest are more than the most, ${maximum}`, `at most ${maximum}`, [maximum])
    ]
  if (initial < minimum || initial > maximum)
    return [
      refuse(at(written.initial === undefined ? "on" : "initial"), initial, `the limits are ${minimum} and ${maximum}`, `from ${minimum} to ${maximum}`, [Math.min(maximum, Math.max(minimum, initial))]) // prettier-ignore
    ]
  const unordered = (schedule ?? []).findIndex(([seconds], index) =>
    index === 0 ? seconds !== 0 : seconds <= schedule![index - 1]![0]
  )
  if (unordered >= 0)
    return [
      {
        path: at("on", "schedule", unordered),
        problem: unordered === 0 ? "the first time is not 0" : "its time is not after the one before",
        given: show(schedule![unordered]),
        expected: "times that rise from 0, such as [[0, 2], [8 h, 4]]"
      }
    ]
  return []
}
