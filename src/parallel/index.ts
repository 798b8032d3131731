export { isSplitError, splitLayers } from "./layers.ts"
export type { SplitOptions } from "./layers.ts"
export { partitionLayers } from "./partition.ts"
export type { PartitionMemory, PartitionOptions, SplitError } from "./partition.ts"
export {
  coordinatesOf,
  defaultOrder,
  expertDataSize,
  groupKinds,
  groupRanks,
  groupSize,
  groupsOf,
  rankOf,
  validateLayout,
  worldSize
} from "./placement.ts"
export type { Coordinates, GroupKind, Layout, LayoutError } from "./placement.ts"
export type { Refusal } from "./refusal.ts"
export { customSchedule } from "./schedules/custom.ts"
export type { CustomSizes, OperationEntry, StageOperations } from "./schedules/custom.ts"
export { bubbleSeconds, executeSchedule, idealMakespan, peakInFlight } from "./schedules/execution.ts"
export type { Execution, ExecutionOptions, PartTimes } from "./schedules/execution.ts"
export { schedules } from "./schedules/generators.ts"
export {
  backwardCode,
  backwardInputCode,
  backwardWeightCode,
  forwardCode,
  isPaired,
  isScheduleError,
  maximumChunks,
  maximumMicroBatches,
  nextHop,
  operationChunk,
  operationKind,
  operationKindCode,
  operationKinds,
  operationMicroBatch,
  packOperation,
  pairWithNext,
  partOf,
  parts,
  previousHop,
  runsIn
} from "./schedules/schedule.ts"
export type {
  ChunkLayout,
  OperationKind,
  OperationTimes,
  Place,
  Schedule,
  ScheduleError,
  ScheduleGenerator,
  ScheduleOptions
} from "./schedules/schedule.ts"
export { resized, resizedOperation, steadyScheduleOf } from "./schedules/steady.ts"
export type { Section, SteadySchedule } from "./schedules/steady.ts"
export { formatOperation, formatSchedule } from "./schedules/text.ts"
export { validateSchedule } from "./schedules/validation.ts"
