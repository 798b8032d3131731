/** Fitting the constants of served inference to measured static batches. */
export type { Stage } from "./free-constants.ts"
export {
  calibratedServingConstants,
  calibrateServing,
  servingWithout,
  type ServingCalibration,
  type ServingCalibrationOptions
} from "./calibration.ts"
export { freeServingConstants } from "./free-constants.ts"
