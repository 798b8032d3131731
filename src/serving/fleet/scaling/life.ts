/**
 * The life of the replicas of a run: who is up, who starts, who is drained, who has failed.
 *
 *     off -> starting -> up -> draining -> off          load asks for more, or for fewer
 *     starting, up, draining -> failed -> starting      a failure and its repair
 *     up -> draining -> starting -> up                  a rolling restart
 *
 * All replicas of all pools are made at the start of the run; those that are not up are closed to the router. Draining
 * replicas are closed as well and end what they have.
 */
import { randomStream } from "../../../random/index.ts"
import type { RunPool, Replica } from "../../replica/replica.ts"
import type { Run } from "../../server/run.ts"
import { setUp } from "../entrance.ts"
import { heldByOthers } from "../mixing/mixing.ts"
import { emptyReplica, type Taken } from "./empty-replica.ts"
import { clearCaches, standing } from "./fate.ts"
import { cachesFollow } from "./lost-caches.ts"
import { limited, makeObservations, sumsOf, wantedBy, type Sums } from "./signals.ts"
import { makeStarter } from "./start-up.ts"
import { makeStates, type States } from "./states.ts"
import type { Life } from "./life-view.ts"
import { lifecycleOf, type LivingPool } from "./living-pool.ts"
import type { LifeEvent, LoggedStart } from "./types.ts"

/** What the rest of the server does when replicas come and go. */
export interface LifeReactions {
  /** Registers a handler that takes part in the run's round of events. */
  readonly handle: (act: (argument: number) => void) => number
  /** A replica takes requests again. */
  readonly opened: (replica: Replica, now: number) => void
  /** A replica has failed: its requests are to go somewhere. */
  readonly failed: (replica: Replica, taken: Taken, now: number) => void
}

/** null where every replica is there all the time. Closes those that are not there at first. */
export const makeLife = (run: Run, reactions: LifeReactions): Life | null => {
  const { simulation, replicas } = run
  if (run.pools.every(({ server }) => server.lifecycle === undefined)) return null
  const { handle } = reactions
  const first = replicas.map(({ pool }, index) => {
    const scaling = lifecycleOf(pool)?.scaling
    return scaling === undefined || index - pool.replicas[0]!.index < scaling.initial ? "up" : "off"
  })
  const states: States = makeStates(first, (index, now) => {
    cachesFollow(run, replicas[index]!, states.of)
    tell(replicas[index]!.pool, now)
  })
  const tell = ({ index, replicas: own }: RunPool, now: number): void => {
    const count = (is: (state: string) => boolean): number => own.filter((one) => is(states.of(one.index))).length
    run.narrator.replicasChange(
      index,
      count((state) => state === "up"),
      count((state) => state !== "off"),
      now
    )
  }
  const starts: LoggedStart[] = []
  const draws = replicas.map((replica) => randomStream(run.job.seed, `failures of replica ${replica.index}`))
  const count = replicas.length
  let failures = 0

  const failing = handle((ticket) => {
    const replica = replicas[ticket % count]!
    if (states.epochOf(replica.index) === Math.floor(ticket / count)) fail(replica)
  })
  const failingAt = handle((index) => {
    const state = states.of(index)
    if (state !== "off" && state !== "failed") fail(replicas[index]!)
  })
  const repaired = handle((index) => repair(replicas[index]!))
  const looking = handle((index) => {
    const living = livingOf(run.pools[index]!)!
    look(living, simulation.now)
    simulation.after(living.lifecycle.scaling!.everySeconds, looking, index)
  })
  const restarting = handle((index) => {
    const living = livingOf(run.pools[index]!)!
    living.toRestart.push(...living.pool.replicas.filter((replica) => states.of(replica.index) === "up"))
    restartNext(living, simulation.now)
  })

  const living = run.pools.map((pool): LivingPool | null => {
    const lifecycle = lifecycleOf(pool)
    if (lifecycle === undefined) return null
    const starter = makeStarter(simulation, lifecycle.startUp, handle, (ticket, start) => {
      const replica = replicas[start.replica]!
      if (states.epochOf(replica.index) !== ticket) return
      starts.push(start)
      clearCaches(replica)
      open(replica, "ready", simulation.now)
    })
    const { length } = pool.replicas
    return {
      pool,
      lifecycle,
      starter,
      wanted: lifecycle.scaling?.initial ?? length,
      lastChange: -Infinity,
      looks: [],
      ttft: makeObservations(),
      tpot: makeObservations(),
      toRestart: [],
      restarting: null
    }
  })
  const livingOf = (pool: RunPool): LivingPool | null => living[pool.index]!

  const open = (replica: Replica, why: LifeEvent["why"], now: number): void => {
    states.change(replica.index, "up", why, now)
    awaitFailure(replica, now)
    setUp(replica, true)
    const own = livingOf(replica.pool)!
    if (own.restarting === replica) restartNext(own, now)
    reactions.opened(replica, now)
  }

  /** The time to the next failure has no memory: it is drawn anew whenever a replica comes up. */
  const awaitFailure = (replica: Replica, now: number): void => {
    const mean = replica.pool.server.lifecycle?.failures?.meanSeconds ?? Infinity
    if (mean === Infinity) return
    const seconds = -mean * Math.log(1 - draws[replica.index]!())
    simulation.at(now + seconds, failing, states.epochOf(replica.index) * count + replica.index)
  }

  const start = (replica: Replica, why: LifeEvent["why"], isWarm: boolean, now: number): void => {
    states.change(replica.index, "starting", why, now)
    livingOf(replica.pool)!.starter.start(replica.index, states.epochOf(replica.index), isWarm, now)
  }

  const drain = (replica: Replica, why: LifeEvent["why"], now: number): void => {
    states.change(replica.index, "draining", why, now)
    setUp(replica, false)
    if (replica.requests === 0) emptied(replica, now)
  }

  const emptied = (replica: Replica, now: number): void => {
    if (states.of(replica.index) !== "draining") return
    const own = livingOf(replica.pool)!
    if (own.restarting === replica) start(replica, "restart", true, now)
    else states.change(replica.index, "off", "drained", now)
  }

  const fail = (replica: Replica): void => {
    const { now } = simulation
    const own = livingOf(replica.pool)!
    failures++
    own.starter.abandon(replica.index)
    states.change(replica.index, "failed", "failure", now)
    setUp(replica, false)
    reactions.failed(replica, emptyReplica(run, replica, now), now)
    simulation.after(own.lifecycle.failures!.repairSeconds, repaired, replica.index)
    if (own.restarting === replica) restartNext(own, now)
    // Another takes its place where there is one.
    if (own.lifecycle.scaling !== undefined) addReplicas(own, own.wanted - currentOf(own), "replacement", now)
  }

  const repair = (replica: Replica): void => {
    const own = livingOf(replica.pool)!
    const { now } = simulation
    if (own.lifecycle.scaling === undefined || currentOf(own) < own.wanted) start(replica, "repaired", true, now)
    else states.change(replica.index, "off", "repaired", now)
  }

  const inState = (own: LivingPool, state: string): Replica[] =>
    own.pool.replicas.filter((replica) => states.of(replica.index) === state)

  /** Those that take requests, or will. */
  const currentOf = (own: LivingPool): number => inState(own, "up").length + inState(own, "starting").length

  /** Answers how many there were to add. */
  const addReplicas = (own: LivingPool, wanted: number, why: LifeEvent["why"], now: number): number => {
    // Whoever is being drained need not be started.
    const draining = inState(own, "draining").filter((replica) => replica !== own.restarting)
    const reopened = draining.slice(0, Math.max(0, wanted))
    const started = inState(own, "off").slice(0, Math.max(0, wanted - reopened.length))
    for (const replica of reopened) open(replica, why, now)
    for (const replica of started) start(replica, why, false, now)
    return reopened.length + started.length
  }

  /** Those that still start first, then those with the fewest requests; of equals the last. */
  const removeReplicas = (own: LivingPool, surplus: number, why: LifeEvent["why"], now: number): void => {
    let left = surplus
    for (const replica of inState(own, "starting").reverse()) {
      if (left <= 0) return
      if (replica === own.restarting) continue
      own.starter.abandon(replica.index)
      states.change(replica.index, "off", why, now)
      left--
    }
    const up = inState(own, "up").sort((a, b) => a.requests - b.requests || b.index - a.index)
    for (const replica of up.slice(0, Math.max(0, left))) drain(replica, why, now)
  }

  const look = (own: LivingPool, now: number): void => {
    const scaling = own.lifecycle.scaling!
    const { windowSeconds, signal, quantile } = scaling
    const sums = sumsOf(own.pool.replicas, now)
    const { looks } = own
    looks.push({ now, sums })
    while (looks.length > 2 && looks[1]!.now <= now - windowSeconds) looks.shift()
    const [oldest] = looks
    const seconds = now - oldest!.now
    const mean = (name: keyof Sums): number => (seconds > 0 ? (sums[name] - oldest!.sums[name]) / seconds : 0)
    const { entrance, mixing } = own.pool
    const elsewhere =
      mixing !== null ? heldByOthers(mixing, entrance) : entrance.open.length === 0 ? standing(run, entrance).length : 0
    const held = run.door!.countOf(entrance) + elsewhere
    const current = currentOf(own)
    const observed = signal === "ttft" ? own.ttft : own.tpot
    const wanted = wantedBy(scaling, {
      now,
      current,
      up: inState(own, "up").length,
      requests: mean("requestSeconds") + held,
      waiting: mean("waitingSeconds") + held,
      busy: mean("busySeconds"),
      tokens: own.pool.replicas.reduce((sum, { tokens }) => sum + tokens, 0),
      latency: signal === "ttft" || signal === "tpot" ? observed.quantileSince(now - windowSeconds, quantile) : NaN
    })
    // Somebody stands at a closed door.
    change(own, limited(scaling, Math.max(wanted, held > 0 ? 1 : 0)), signal === "schedule" ? "schedule" : "load", now)
  }

  const change = (own: LivingPool, wanted: number, why: LifeEvent["why"], now: number): void => {
    const { upCooldownSeconds, downCooldownSeconds } = own.lifecycle.scaling!
    const current = currentOf(own)
    const passed = now - own.lastChange
    const isScheduled = why === "schedule"
    if (wanted === current) own.wanted = wanted
    if (wanted > current && (isScheduled || current === 0 || passed >= upCooldownSeconds)) {
      own.wanted = wanted
      if (addReplicas(own, wanted - current, why, now) > 0) own.lastChange = now
    } else if (wanted < current && (isScheduled || passed >= downCooldownSeconds)) {
      own.wanted = wanted
      own.lastChange = now
      removeReplicas(own, current - wanted, why, now)
    }
  }

  const restartNext = (own: LivingPool, now: number): void => {
    own.restarting = null
    for (let replica = own.toRestart.shift(); replica !== undefined; replica = own.toRestart.shift()) {
      if (states.of(replica.index) !== "up") continue
      own.restarting = replica
      drain(replica, "restart", now)
      return
    }
  }

  for (const [index, state] of first.entries()) if (state === "off") setUp(replicas[index]!, false)
  for (const [index, own] of living.entries()) {
    if (own === null) continue
    const { scaling, failures: known, restart } = own.lifecycle
    tell(own.pool, 0)
    for (const replica of own.pool.replicas) if (first[replica.index] === "up") awaitFailure(replica, 0)
    for (const [seconds, place] of known?.at ?? []) simulation.at(seconds, failingAt, own.pool.replicas[place]!.index)
    if (restart !== undefined) simulation.at(restart.atSeconds, restarting, index)
    if (scaling === undefined) continue
    own.looks.push({ now: 0, sums: sumsOf(own.pool.replicas, 0) })
    if (scaling.signal !== "schedule") simulation.at(scaling.everySeconds, looking, index)
  }
  // A change by hand is made when it is due, and once.
  const scheduled = handle((index) => look(livingOf(run.pools[index]!)!, simulation.now))
  for (const [index, own] of living.entries())
    if (own?.lifecycle.scaling?.signal === "schedule")
      for (const [seconds] of own.lifecycle.scaling.schedule) simulation.at(seconds, scheduled, index)

  const life: Life = {
    states,
    emptied,
    firstToken: (replica, now, seconds) => {
      const own = livingOf(replica.pool)
      if (own?.lifecycle.scaling?.signal === "ttft") own.ttft.add(now, seconds)
    },
    finished: (replica, now, seconds) => {
      const own = livingOf(replica.pool)
      if (own?.lifecycle.scaling?.signal === "tpot") own.tpot.add(now, seconds)
    },
    log: (now) => {
      states.settle(now)
      const { lostRequests, resentRequests, discardedTokens } = life
      return {
        events: states.events.filter(({ seconds }) => seconds <= now),
        starts,
        firstStates: first,
        upSeconds: states.upSeconds,
        paidSeconds: states.paidSeconds,
        failures,
        lostRequests,
        resentRequests,
        discardedTokens
      }
    },
    lostRequests: 0,
    resentRequests: 0,
    discardedTokens: 0
  }
  return life
}
