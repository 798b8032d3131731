/** From the slots of a request to its move and back. */
import type { Scheduler } from "../policy/scheduler.ts"
import type { Run } from "../server/run.ts"
import type { Move } from "./move.ts"

/** The scheduler that a slot is with. */
export const schedulerOf = ({ live, replicas }: Run, slot: number): Scheduler =>
  replicas[live.replica[slot]!]!.schedulers[live.group[slot]!]!

/** The move of a request, by either of its slots. */
export const moveOf = ({ live, moves }: Run, slot: number): Move | undefined => moves!.byId.get(live.move[slot]!)

/** The two slots of a move know nothing of each other any more. */
export const forget = ({ live, moves }: Run, move: Move): void => {
  moves!.byId.delete(move.id)
  live.move[move.from] = -1
  live.move[move.to] = -1
}
