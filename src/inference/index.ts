/**
 * Seconds and bytes of served inference: what one step of a batch costs, and what a replica's memory holds.
 */
export type {
  DecodeLine,
  ExpertExchange,
  FeedForwardRanks,
  InferenceLayout,
  InferenceMemory,
  InferenceTarget,
  KernelProfile,
  ProfileCurve,
  StepLoad,
  StepModel,
  StepPart,
  Speculation,
  StepWork,
  WeightOffload
} from "./types.ts"
export { powerLaw, type ExpertRouting } from "./expert-placement.ts"
export { acceptanceFor, draftHead, expectedTokens } from "./speculation.ts"
export { UnknownQuantisation } from "./device.ts"
export { planMemory, visibleBytes, type MemoryOptions } from "./memory.ts"
export { UnusableProfile } from "./measured.ts"
export { isProfileError, parseKernelProfile, type KernelProfileError, type ProfileFiles } from "./profile.ts"
export { acceleratorsOfLayout, modelKeyValueBytes, modelStateBytes } from "./shard.ts"
export { makeStepModel } from "./step-model.ts"
export { makeStepLoad } from "./step-load.ts"
