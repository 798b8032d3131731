/** Measurements of a machine of one's own, and the few factors that they determine. */
export { calibrateMachine, factorWidths, type CalibratedPoint, type MachineCalibration, type Unpredictable } from "./calibrate-machine.ts" // prettier-ignore
export { fitFactors, type FactorFit, type FactorPrior } from "./factor-fit.ts"
export { benchPoints, collectivePoint, kernelPoints, logPoints, trainingPoint, type LocalPoint } from "./local-point.ts"
export { localMetrics, parseRows, type LocalMetric, type MeasurementRow, type RowProblem } from "./measurement-rows.ts"
