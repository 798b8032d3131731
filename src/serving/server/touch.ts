/** What tells a replica that something has changed. */
import { cutLeap } from "../replica/cut-leap.ts"
import type { Replica } from "../replica/replica.ts"
import type { Run } from "./run.ts"

/** The replica decides again after this event, also when it has done so already. */
export const touch = ({ touched }: Run, replica: Replica): void => {
  touched.delete(replica)
  touched.add(replica)
}

/** Ends a leap at the end of the step that is under way. Nothing disturbs a fixed batch. */
export const disturb = (run: Run, replica: Replica, now: number): void => {
  if (!replica.pool.policy.isFixed) cutLeap(run.simulation, run.handlers.stepEnd, replica, now)
}
