/**
 * `training.run` as a simulation takes it: defaults filled in, units counted from the cluster, times derived from sizes.
 */
import {
  checkpointBytes,
  componentNames,
  copySeconds,
  nodesLostTo,
  unitsOf,
  type CheckpointSettings,
  type FailureLaw,
  type PlannedStop,
  type RestartSettings,
  type RunSettings,
  type RunStage,
  type TrainingJob
} from "../training/index.ts"
import type { Finding } from "./issue.ts"
import { inRun, runFindings, type WrittenRun } from "./run-findings.ts"

const day = 86_400

/** What a run is simulated from, or why it cannot be. The job is resolved but for its run. */
export const runSettings = (
  written: WrittenRun,
  trainingTokens: number | undefined,
  job: TrainingJob,
  accelerators: number
): RunSettings | readonly Finding[] => {
  const tokens = written.tokens ?? trainingTokens
  const stages = stagesOf(written, job)
  const checkpoint = checkpointOf(written, job)
  const findings = [
    ...runFindings({ written, tokens, stages, job, accelerators }),
    ...(isFinding(checkpoint) ? [checkpoint] : [])
  ]
  if (findings.length > 0 || tokens === undefined || isFinding(checkpoint)) return findings
  const { spares, elastic, slowNodes } = written
  const repairSeconds = spares?.repair ?? day
  return {
    tokens,
    stages,
    ramp: written.batchRamp ?? null,
    failures: failuresOf(written, job, accelerators),
    checkpoint,
    restart: restartOf(written, checkpoint),
    spares: spares === undefined ? null : { nodes: spares.nodes, swapSeconds: spares.swap ?? 0 },
    elastic:
      elastic === undefined
        ? null
        : {
            leastReplicas: elastic.least ?? Math.ceil(job.layout.data / 2),
            reconfigureSeconds: elastic.reconfigure ?? 60,
            stateFrom: elastic.stateFrom ?? (job.sharding.zeroStage === 0 ? "replicas" : "checkpoint")
          },
    stops: (written.stops ?? []).map(plannedStop),
    slowNodes:
      slowNodes === undefined
        ? null
        : {
            meanSeconds: slowNodes.mtbf,
            nodes: Math.ceil(accelerators / job.fabric.acceleratorsPerNode),
            slowdown: slowNodes.slowdown,
            foundSeconds: slowNodes.found,
            repairSeconds: slowNodes.repair ?? repairSeconds
          },
    runs: written.runs ?? 100
  }
}

const isFinding = (made: CheckpointSettings | Finding | null): made is Finding => made !== null && "problem" in made

const stagesOf = ({ stages }: WrittenRun, job: TrainingJob): readonly RunStage[] => {
  const { globalBatch, sequenceLength, microBatch, layout } = job
  const plain = { globalBatch, sequenceLength, microBatch, context: layout.context }
  return stages === undefined ? [plain] : stages.map((stage) => ({ ...plain, ...stage }))
}

const failuresOf = (
  { failures = {}, detection = 0, spares }: WrittenRun,
  job: TrainingJob,
  accelerators: number
): readonly FailureLaw[] =>
  componentNames.flatMap((component) => {
    const law = failures[component]
    if (law === undefined) return []
    return [
      {
        component,
        units: law.count ?? unitsOf(component, accelerators, job.fabric),
        meanSeconds: law.mtbf ?? 3600 / (law.rate ?? 0),
        shape: law.shape ?? 1,
        detectionSeconds: law.detection ?? detection,
        hangShare: law.hang?.share ?? 0,
        hangSeconds: law.hang?.timeout ?? 0,
        nodesLost: law.nodes ?? nodesLostTo(component),
        repairSeconds: law.repair ?? spares?.repair ?? day
      }
    ]
  })

const checkpointOf = ({ checkpoint }: WrittenRun, job: TrainingJob): CheckpointSettings | Finding | null => {
  if (checkpoint === undefined) return null
  const { interval = "best", mode = "synchronous", bandwidth } = checkpoint
  const bytes = checkpoint.bytes ?? checkpointBytes(job)
  const save = checkpoint.save ?? (bandwidth === undefined ? undefined : bytes / bandwidth)
  if (save === undefined)
    return {
      path: inRun("checkpoint"),
      problem: "does not say how long a checkpoint takes",
      given: "neither save nor bandwidth",
      expected: "save, such as 40 s, or the bandwidth of the file system, such as 50 GB/s"
    }
  if (mode === "synchronous" && checkpoint.pause !== undefined)
    return {
      path: inRun("checkpoint", "pause"),
      problem: "a synchronous checkpoint stops the work until it is written",
      given: "pause",
      expected: "save, or mode: asynchronous"
    }
  return {
    interval: typeof interval === "number" ? { seconds: interval } : interval,
    mode,
    bytes,
    pauseSeconds: mode === "synchronous" ? save : (checkpoint.pause ?? copySeconds(job, bytes)),
    uploadSeconds: mode === "synchronous" ? 0 : save
  }
}

const restartOf = ({ restart, checkpoint }: WrittenRun, saved: CheckpointSettings | null): RestartSettings => {
  const given = typeof restart === "number" ? { scheduler: restart, load: 0 } : (restart ?? {})
  const { scheduler = 0, initialisation = 0, warmUp = 0 } = { ...noRestart, ...given }
  const derived =
    saved === null
      ? 0
      : checkpoint?.bandwidth === undefined
        ? (checkpoint?.save ?? 0)
        : saved.bytes / checkpoint.bandwidth
  return {
    schedulerSeconds: scheduler,
    initialisationSeconds: initialisation,
    loadSeconds: given.load ?? derived,
    warmUpSeconds: warmUp
  }
}

const noRestart: { readonly scheduler?: number; readonly initialisation?: number; readonly warmUp?: number } = {}

const plannedStop = ({ every, at = 0, lasting }: NonNullable<WrittenRun["stops"]>[number]): PlannedStop =>
  every === undefined ? { atSeconds: at, lastingSeconds: lasting } : { everySeconds: every, lastingSeconds: lasting }
