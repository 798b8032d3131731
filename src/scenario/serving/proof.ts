/**
 * That a server really serves: its first few requests, simulated.
 */
import { BadPlan, simulateServing, Stalled, type ServingJob } from "../../serving/index.ts"

/** Requests enough for a batch, few enough for a glance. */
const few = 4
/** Looks of the engine (of some thousand events each) after which a server that has finished none is taken for stuck. */
const mostLooks = 10

/** Whether one of the first few requests of a job finishes. */
export const serves = (job: ServingJob): boolean => {
  const requests = Math.min(few, job.workload.requests)
  let looks = 0
  try {
    const log = simulateServing(
      {
        ...job,
        workload: { ...job.workload, requests, seconds: Infinity, warmUpSeconds: 0 },
        trace: "off",
        requestLanes: false
      },
      { stop: () => ++looks > mostLooks }
    )
    return log.requests.finished.subarray(0, log.requests.count).some(Number.isFinite)
  } catch (error) {
    // A policy of the user's own may not get along with what was changed.
    if (error instanceof Stalled || error instanceof BadPlan) return false
    throw error
  }
}
