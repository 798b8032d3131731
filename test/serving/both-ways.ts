import { expect } from "vitest"
import { conservationFindings, simulateServing, type ServingJob, type ServingLog } from "../../src/serving/index.ts"
import { differences } from "./differences.ts"

/** What became of a job with leaps over equal steps, and step by step. */
export interface BothWays {
  readonly leaping: ServingLog
  readonly stepping: ServingLog
  /** 1 if leaps saved events, else 0. */
  readonly leapt: number
}

/**
 * Simulates a job leaping and stepping; expects the same of both, and that neither loses or doubles anything.
 *
 * @param seed of the job, for the message
 * @param mostLooks how often the run that leaps may ask whether to stop: one that never ends fails instead of going on
 */
export const bothWays = (job: ServingJob, seed: number, mostLooks = Infinity): BothWays => {
  let looks = 0
  const leaping = simulateServing(job, { stop: () => ++looks > mostLooks })
  expect(looks, `seed ${seed} ends`).toBeLessThanOrEqual(mostLooks)
  const stepping = simulateServing({ ...job, leap: "off" })
  expect(differences(leaping, stepping), `seed ${seed}`).toEqual([])
  expect(conservationFindings(job, leaping), `seed ${seed}`).toEqual([])
  expect(conservationFindings(job, stepping), `seed ${seed}`).toEqual([])
  return { leaping, stepping, leapt: leaping.events < stepping.events ? 1 : 0 }
}
