/**
 * The measured cases most like a scenario, by the rule that its intervals weigh them by.
 */
import { nearestCases, shippedResiduals, type Residual } from "../intervals/index.ts"
import { servingLikeness, trainingLikeness, type ResolvedServing, type ResolvedTraining } from "../scenario/index.ts"

export const nearestTrainingCases = async (resolved: ResolvedTraining): Promise<readonly Residual[]> =>
  nearestCases(trainingLikeness(resolved), await shippedResiduals())

/** Of each quantity that a server is asked about. */
const ofAQuantity = 4

export const nearestServingCases = async (resolved: ResolvedServing): Promise<readonly Residual[]> => {
  const residuals = await shippedResiduals()
  return (["throughput", "token", "first"] as const).flatMap((quantity) =>
    nearestCases(servingLikeness(resolved, quantity), residuals, ofAQuantity)
  )
}
