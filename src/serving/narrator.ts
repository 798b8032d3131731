/**
 * Tells the trace what a server does; silent, and free, when nothing is recorded.
 *
 * Tracks are cluster > replica > stage > steps, with the kernels and the communication of a step as a template beside it; the
 * host's work as a track of its own; counters on the replica; and one lane a request where the job asks for them. A leap is
 * drawn as its steps, or as one slice when they are many.
 */
import type { StepLoad, StepPart } from "../inference/index.ts"
import type { Recorder } from "../trace/index.ts"
import type { LiveRequests } from "./live/live-requests.ts"
import type { GrowingRequestLog } from "./live/request-log.ts"
import { type Batch, type Replica, runningRequests, usedBlocks, waitingRequests } from "./replica/replica.ts"
import { leapSeconds } from "./replica/leap.ts"
import { makeStepLoad } from "../inference/index.ts"
import { firstReplicas, poolsOf } from "./fleet/pools.ts"
import type { ServingJob } from "./types.ts"

export interface Narrator {
  /** A step, or a leap of `steps` of them, ends. */
  readonly stepEnds: (replica: Replica, batch: Batch, steps: number, now: number) => void
  /** So many replicas of a pool are up, and so many are paid. */
  readonly replicasChange: (pool: number, up: number, paid: number, now: number) => void
  /** Counters of a replica have changed. */
  readonly countersChange: (replica: Replica, now: number) => void
  readonly requestResumes: (slot: number, since: number, now: number) => void
  /** A request leaves the server, in whatever way, or the run ends with it there. */
  readonly requestEnds: (slot: number, now: number) => void
}

const nothing = (): void => undefined

const silent: Narrator = {
  replicasChange: nothing,
  stepEnds: nothing,
  countersChange: nothing,
  requestResumes: nothing,
  requestEnds: nothing
}

/** Longest leap that is drawn step by step. */
const drawnSteps = 64

export const makeNarrator = (
  recorder: Recorder,
  job: ServingJob,
  live: LiveRequests,
  log: GrowingRequestLog
): Narrator => {
  if (!recorder.isOn) return silent
  return {
    ...steps(recorder, job),
    ...counters(recorder, job),
    ...(job.requestLanes ? requestLanes(recorder, job, live, log) : { requestResumes: nothing, requestEnds: nothing })
  }
}

/** Tracks by number, made when first asked for. */
const numbered = (make: (index: number) => number): ((index: number) => number) => {
  const known: (number | undefined)[] = []
  return (index) => (known[index] ??= make(index))
}

/** Replicas of a fleet stand under their pools. */
const replicaPath = (job: ServingJob, replica: number): readonly string[] => {
  if (job.pools === undefined) return [job.name, `replica ${replica}`]
  const firsts = firstReplicas(job.pools)
  const pool = job.pools.findIndex((_, index) => replica < firsts[index + 1]!)
  return [job.name, job.pools[pool]!.name, `replica ${replica}`]
}

const steps = (recorder: Recorder, job: ServingJob): Pick<Narrator, "stepEnds"> => {
  const { trace } = job
  const mostStages = Math.max(...poolsOf(job).map((pool) => pool.steps.stages))
  const [from, to] = typeof trace === "string" ? [-Infinity, Infinity] : trace.window
  const stageTrack = numbered((index) =>
    recorder.track([...replicaPath(job, Math.floor(index / mostStages)), `stage ${index % mostStages}`, "steps"])
  )
  const hostTrack = numbered((index) => recorder.track([...replicaPath(job, index), "host", "scheduling"]))
  const scheduling = recorder.name("schedule and sample")
  const load = makeStepLoad()

  const draw = (replica: Replica, stage: number, start: number, seconds: number, worked: StepLoad): void => {
    if (start > to || start + seconds < from) return
    recorder.slice(stageTrack(replica.index * mostStages + stage), recorder.name(nameOf(worked)), start, seconds, {
      stage,
      template: recorder.template(templateOf(replica.steps.parts(stage, worked)))
    })
  }
  /** A single step, or the one of a leap that began at `start`. */
  const drawStep = (replica: Replica, batch: Batch, start: number, worked: StepLoad, isAlone: boolean): void => {
    const { hostSeconds } = batch
    const model = replica.steps
    if (hostSeconds > 0) recorder.slice(hostTrack(replica.index), scheduling, start, hostSeconds)
    const hop = model.stages > 1 ? model.hopSeconds(worked) : 0
    let time = start + hostSeconds
    for (let stage = 0; stage < model.stages; stage++) {
      const began = isAlone ? batch.stageStart[stage]! : time
      const took = isAlone ? batch.stageTook[stage]! : model.stageSeconds(stage, worked)
      draw(replica, stage, began, took, worked)
      time = began + took + hop
    }
  }
  return {
    stepEnds: (replica, batch, done, now) => {
      if (batch.start > to || now < from) return
      if (!batch.isLeap) return drawStep(replica, batch, batch.start, batch.load, true)
      Object.assign(load, batch.load)
      if (done > drawnSteps) {
        const name = `${done} decode steps of ${load.decodes}`
        for (let stage = 0; stage < replica.steps.stages; stage++)
          recorder.slice(
            stageTrack(replica.index * mostStages + stage),
            recorder.name(name),
            batch.start,
            now - batch.start,
            { stage }
          )
        return
      }
      for (let step = 0; step < done; step++) {
        drawStep(replica, batch, batch.start + leapSeconds(batch.first, batch.increment, step), load, false)
        load.decodeContext += batch.contextGrowth
        load.decodeWindow += batch.windowGrowth
      }
    }
  }
}

const nameOf = ({ decodes, prefills }: StepLoad): string => {
  if (prefills === 0) return `decode ${decodes}`
  return decodes === 0 ? `prefill ${prefills}` : `prefill ${prefills}, decode ${decodes}`
}

/** Parts one after the other, on the stream of their kind. */
const templateOf = (parts: readonly StepPart[]): Parameters<Recorder["template"]>[0] => {
  let offsetSeconds = 0
  return parts.map(({ name, kind, seconds }) => {
    const entry = { name, stream: streams[kind], offsetSeconds, durationSeconds: seconds }
    offsetSeconds += seconds
    return entry
  })
}

const streams: Readonly<Record<StepPart["kind"], string>> = {
  gemm: "kernels",
  attention: "kernels",
  elementwise: "kernels",
  head: "kernels",
  experts: "kernels",
  communication: "communication",
  transfer: "transfer",
  host: "host"
}

const counters = (recorder: Recorder, job: ServingJob): Pick<Narrator, "countersChange" | "replicasChange"> => {
  const poolCounter = (name: string) =>
    numbered((index) => {
      const path = job.pools === undefined ? [job.name] : [job.name, job.pools[index]!.name]
      return recorder.counter(recorder.track(path), recorder.name(name))
    })
  const up = poolCounter("replicas up")
  const paid = poolCounter("replicas paid")
  const counter = (name: string) =>
    numbered((index) => recorder.counter(recorder.track(replicaPath(job, index)), recorder.name(name)))
  const running = counter("running requests")
  const waiting = counter("waiting requests")
  const blocks = counter("used KV blocks")
  return {
    replicasChange: (pool, upNow, paidNow, now) => {
      recorder.sample(up(pool), now, upNow)
      recorder.sample(paid(pool), now, paidNow)
    },
    countersChange: (replica, now) => {
      recorder.sample(running(replica.index), now, runningRequests(replica))
      recorder.sample(waiting(replica.index), now, waitingRequests(replica))
      recorder.sample(blocks(replica.index), now, usedBlocks(replica))
    }
  }
}

const requestLanes = (
  recorder: Recorder,
  job: ServingJob,
  live: LiveRequests,
  log: GrowingRequestLog
): Pick<Narrator, "requestResumes" | "requestEnds"> => {
  const count = poolsOf(job).reduce((sum, { replicas }) => sum + replicas, 0)
  /** A lane says what it asks for, and where it went when there is a choice: a trace has nowhere else for that. */
  const lane = (request: number): number => {
    const [prompt, output, replica] = [log.prompt[request]!, log.output[request]!, log.replica[request]!]
    const behind = log.handovers?.replica[request] ?? -1
    const place = count > 1 && replica >= 0 ? ` on replica ${replica}${behind < 0 ? "" : ` and ${behind}`}` : ""
    return recorder.track([job.name, "requests", `request ${request}: ${prompt} + ${output} tokens${place}`])
  }
  const draw = (request: number, name: string, start: number, end: number): void => {
    recorder.slice(lane(request), recorder.name(name), start, end - start)
  }
  /** The earlier of a time that may never have come and now. */
  const orNow = (time: number, now: number): number => (Number.isNaN(time) ? now : Math.min(time, now))
  return {
    requestResumes: (slot, since, now) => draw(live.request[slot]!, "preempted", since, now),
    requestEnds: (slot, now) => {
      const request = live.request[slot]!
      const scheduled = orNow(log.scheduled[request]!, now)
      const firstToken = orNow(log.firstToken[request]!, now)
      // A request that was taken at once did not wait.
      if (scheduled > log.arrival[request]! || scheduled >= now)
        draw(request, "waiting", log.arrival[request]!, scheduled)
      if (scheduled < now) draw(request, "prefill", scheduled, firstToken)
      if (firstToken >= now) return
      // Keys and values on their way, or waiting for blocks there.
      const { handovers } = log
      const moved =
        handovers !== null && handovers.replica[request]! >= 0
          ? Math.max(firstToken, orNow(handovers.moved[request]!, now))
          : firstToken
      if (moved > firstToken) draw(request, "hand-over", firstToken, moved)
      if (moved < now) draw(request, "decode", moved, now)
    }
  }
}
