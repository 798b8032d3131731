/**
 * One run from its first step to its last, as events: failures, repairs, planned stops, slow nodes, ends of outages. Between
 * two of them the job makes progress in closed form (stretch.ts) or is out, and nothing is simulated.
 *
 *   running -> (failure) detection -> waiting for nodes -> swap -> restart -> running
 *           -> (planned stop, slow node found) end of the step -> save -> planned stop or swap -> restart -> running
 */
import { makeSimulation } from "../../engine/index.ts"
import { randomStream, type RandomStream } from "../../random/index.ts"
import { componentNames, type ComponentName } from "./components.ts"
import type { CourseRecorder, Doing } from "./course.ts"
import { failureClock, type FailureClock } from "./failure-clock.ts"
import { makeNodePool } from "./node-pool.ts"
import { makeProgress } from "./progress.ts"
import type { FailureLaw, PlannedStop, RunPart, RunPlan, SlowNodeSettings } from "./types.ts"

/** What one run came to. */
export interface PlayedRun {
  readonly isFinished: boolean
  readonly seconds: number
  /** Seconds by what they went to; they add up to `seconds`. */
  readonly parts: Readonly<Record<RunPart, number>>
  /** Failures that stopped the job, by component. */
  readonly interruptions: Readonly<Record<string, number>>
  readonly planned: number
  readonly slowNodes: number
  readonly joules: number
  readonly events: number
}

export interface PlayOptions {
  readonly seed: number
  /** Number of the run: names its random streams. */
  readonly index: number
  /** Steps between checkpoints, by segment. */
  readonly every: readonly number[]
  /** The run is given up at this time, or after so many events. */
  readonly mostSeconds: number
  readonly mostEvents: number
  /** Records what the run does and when. */
  readonly course?: CourseRecorder
}

type Outage = Exclude<Doing, "running">
type Phase = Doing
type OutagePart = "checkpoint" | "detection" | "waiting" | "planned" | "swap" | "restart"

/** What the time of an outage counts as. */
const partOf: Readonly<Record<Outage, OutagePart>> = {
  saving: "checkpoint",
  finishing: "checkpoint",
  detection: "detection",
  waiting: "waiting",
  planned: "planned",
  swap: "swap",
  restart: "restart",
  reconfigure: "restart"
}

/** Outages in which the ranks hold their accelerators busy with waiting. */
const spinning: readonly Phase[] = ["saving", "finishing", "detection"]
/** Phases in which a failure of the job ends what it is about; in others there is nothing to interrupt. */
const interruptible: readonly Phase[] = ["running", "saving", "finishing", "swap", "restart", "reconfigure"]
/** Phases whose state is in the accelerators: what is planned waits until the step, or the phase, is over. */
const graceful: readonly Phase[] = ["running", "saving", "reconfigure"]

export const playRun = (
  plan: RunPlan,
  { seed, index, every, mostSeconds, mostEvents, course }: PlayOptions
): PlayedRun => {
  const { elastic, spares, slowNodes, power } = plan
  const simulation = makeSimulation()
  const progress = makeProgress(plan, every)
  const pool = makeNodePool(plan)
  const { schedulerSeconds, initialisationSeconds, loadSeconds, warmUpSeconds } = plan.restart
  const restartSeconds = schedulerSeconds + initialisationSeconds + loadSeconds + warmUpSeconds
  const reconfigureSeconds = elastic?.reconfigureSeconds ?? 0

  const spent: Record<OutagePart, number> = { checkpoint: 0, detection: 0, waiting: 0, planned: 0, swap: 0, restart: 0 }
  const interruptions: Record<string, number> = Object.fromEntries(componentNames.map((name) => [name, 0]))
  const counts = { planned: 0, slow: 0 }
  let outageJoules = 0

  let phase: Phase = "running"
  let phaseStart = 0
  let phaseEvent = -1
  let phaseStep = 0
  let replicas = plan.replicas
  let slowNow = 0
  // Whether the ranks that are left hold the state of the last step.
  let survives = false
  // What waits for the end of the step: seconds of a planned stop, slow nodes to replace, replicas to take back.
  let stopDue = 0
  let slowDue = 0
  let rejoinDue = false
  let heldUntil = 0
  const state = { isFinished: false }

  const begin = (next: Phase, until: number): void => {
    phase = next
    phaseStart = simulation.now
    phaseStep = progress.step
    phaseEvent = until === Infinity ? -1 : simulation.at(Math.max(until, simulation.now), phaseEnd, 0)
  }

  const pass = (outage: Outage, seconds: number): void => begin(outage, simulation.now + seconds)

  const run = (): void => {
    const slowdown = (plan.replicas / replicas) * (slowNow > 0 ? (slowNodes?.slowdown ?? 1) : 1)
    begin("running", progress.start(simulation.now, { slowdown, share: replicas / plan.replicas }))
  }

  const endWithStep = (): void => {
    simulation.cancel(phaseEvent)
    phaseEvent = simulation.at(Math.max(simulation.now, progress.endWithStep(simulation.now)), phaseEnd, 0)
  }

  /** Ends the phase; the time of an outage is booked. Progress is up to date by then. */
  const leave = (cause: ComponentName | null = null): void => {
    if (phaseEvent >= 0) simulation.cancel(phaseEvent)
    phaseEvent = -1
    course?.add(phase, simulation.now, phaseStep, progress, cause)
    if (phase === "running") return
    const seconds = simulation.now - phaseStart
    spent[partOf[phase]] += seconds
    outageJoules += seconds * (spinning.includes(phase) ? power.waiting : power.idle)
  }

  const exclude = (nodes: number, repairSeconds: number): void => {
    if (pool.lose(nodes)) simulation.after(repairSeconds, repaired, nodes)
  }

  /** The job stands still: what waited for the end of a step happens. */
  const settleDue = (): void => {
    if (stopDue > 0) {
      counts.planned++
      heldUntil = Math.max(heldUntil, simulation.now + stopDue)
    }
    if (slowNodes !== null) exclude(slowDue, slowNodes.repairSeconds)
    stopDue = 0
    slowDue = 0
    rejoinDue = false
  }

  /** What the job has to wait for next before it runs again. */
  const recover = (): void => {
    if (simulation.now < heldUntil) return begin("planned", heldUntil)
    const possible = pool.replicas()
    const isWhole = possible === plan.replicas
    if (!isWhole && (elastic === null || possible < elastic.leastReplicas)) return begin("waiting", Infinity)
    const keepsState = !isWhole && survives && elastic?.stateFrom === "replicas"
    if (!keepsState) progress.fallBack()
    replicas = possible
    const isSwapping = isWhole && pool.swapsDue > 0
    pool.swapped()
    if (isSwapping) return pass("swap", spares?.swapSeconds ?? 0)
    if (isWhole) return pass("restart", restartSeconds)
    return keepsState ? pass("reconfigure", reconfigureSeconds) : pass("restart", reconfigureSeconds + loadSeconds)
  }

  const rejoin = (): void => {
    survives = true
    replicas = pool.replicas()
    pass("reconfigure", reconfigureSeconds)
  }

  const phaseEnd = simulation.register(() => {
    phaseEvent = -1
    const ended = phase
    if (ended === "running") progress.reachEnd(simulation.now)
    leave()
    switch (ended) {
      case "finishing":
        state.isFinished = true
        return simulation.stop()
      case "saving":
        progress.saved()
        settleDue()
        return recover()
      case "running":
      case "restart":
      case "reconfigure":
        if (progress.isDone) return pass("finishing", progress.saveSeconds(simulation.now))
        if (stopDue > 0 || slowDue > 0) return pass("saving", progress.saveSeconds(simulation.now))
        // Nodes that came back in the middle of a step, or of a restart.
        rejoinDue = false
        return replicas < pool.replicas() ? rejoin() : run()
      default:
        return recover()
    }
  })

  const repaired = simulation.register((nodes) => {
    pool.repaired(nodes)
    if (phase === "waiting") {
      leave()
      recover()
    } else if (phase === "running" && replicas < pool.replicas() && !rejoinDue) {
      rejoinDue = true
      endWithStep()
    }
  })

  /** A failure of the job: it falls silent, and after a time somebody knows. */
  const interrupt = (law: FailureLaw, hangs: RandomStream): void => {
    interruptions[law.component]! += 1
    if (phase === "running") survives = true
    survives &&= law.nodesLost > 0
    progress.breakOff(simulation.now)
    leave(law.component)
    settleDue()
    pass("detection", law.hangShare > 0 && hangs() < law.hangShare ? law.hangSeconds : law.detectionSeconds)
  }

  const draws = (name: string): RandomStream => randomStream(seed, `whole run ${index}: ${name}`)

  /** Calls a handler whenever a clock strikes. */
  const strike = (clock: FailureClock, handle: () => void): void => {
    const handler = simulation.register(() => {
      handle()
      schedule()
    })
    const schedule = (): void => {
      const next = clock()
      if (next < mostSeconds) simulation.at(next, handler, 0)
    }
    schedule()
  }

  const fail = (law: FailureLaw): void => {
    const hangs = draws(`hangs of ${law.component}`)
    strike(failureClock(law, draws(`failures of ${law.component}`)), () => {
      exclude(law.nodesLost, law.repairSeconds)
      if (interruptible.includes(phase)) interrupt(law, hangs)
    })
  }

  const planStop = (stop: PlannedStop): void => {
    const arrive = simulation.register(() => {
      if ("everySeconds" in stop) simulation.after(stop.everySeconds, arrive, 0)
      if (phase === "finishing") return
      stopDue = Math.max(stopDue, stop.lastingSeconds)
      if (phase === "running") return endWithStep()
      if (graceful.includes(phase)) return
      settleDue()
      // Who does not know yet that the job is down finds that out first.
      if (phase === "detection") return
      leave()
      recover()
    })
    simulation.at("everySeconds" in stop ? stop.everySeconds : stop.atSeconds, arrive, 0)
  }

  const slowDown = (slow: SlowNodeSettings): void => {
    const found = simulation.register(() => {
      slowNow--
      counts.slow++
      slowDue++
      if (phase === "running") endWithStep()
      else if (!graceful.includes(phase)) settleDue()
    })
    strike(failureClock({ units: slow.nodes, meanSeconds: slow.meanSeconds, shape: 1 }, draws("slow nodes")), () => {
      slowNow++
      simulation.after(slow.foundSeconds, found, 0)
      if (slowNow === 1 && phase === "running") endWithStep()
    })
  }

  plan.failures.forEach(fail)
  plan.stops.forEach(planStop)
  if (slowNodes !== null) slowDown(slowNodes)
  // Something is always to come, up to the time at which the run is given up.
  simulation.at(
    mostSeconds,
    simulation.register(() => undefined),
    0
  )
  run()
  while (!state.isFinished && simulation.now < mostSeconds && simulation.executed < mostEvents)
    simulation.run(simulation.nextEventSeconds)
  if (!state.isFinished) {
    progress.breakOff(simulation.now)
    leave()
  }
  const { checkpoint, ...steps } = progress.spent
  return {
    isFinished: state.isFinished,
    seconds: simulation.now,
    parts: { ...spent, ...steps, checkpoint: spent.checkpoint + checkpoint },
    interruptions,
    planned: counts.planned,
    slowNodes: counts.slow,
    joules: progress.joules + outageJoules + power.spares * simulation.now,
    events: simulation.executed
  }
}
