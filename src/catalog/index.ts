/**
 * The catalogue: accelerators, links, systems, models and software stacks, each fact with its source.
 */
export type {
  Accelerator,
  Constant,
  Datatype,
  Dragonfly,
  Experts,
  FatTree,
  LatentAttention,
  LinearAttention,
  SparseAttention,
  Link,
  Model,
  NetworkTopology,
  RailOptimised,
  Sources,
  Spread,
  Stack,
  StackConstants,
  System,
  Torus
} from "./types.ts"
export type {
  BatchingDefaults,
  BatchingName,
  KernelFamily,
  Quantisation,
  ServingConstants,
  ServingStack
} from "./serving-types.ts"
export { accelerators } from "./accelerators/index.ts"
export { links } from "./links/index.ts"
export { models } from "./models/index.ts"
export { systems } from "./systems/index.ts"
export { currentStack, stackConstantNames, stackLineage, stacks, type StackEntry } from "./stacks/index.ts"
export {
  acceleratorConstant,
  allConstants,
  classChain,
  constantOf,
  gemmConstant,
  withConstants,
  type Found
} from "./constants/index.ts"
export { inferenceClass, inferenceConstant } from "./constants/inference.ts"
export { inGraphAllReduce, pcieAllReduce, type AllReduceTable } from "./in-graph-all-reduce.ts"
export { servingPriors } from "./constants/serving-priors.ts"
export { quantisations } from "./quantisations.ts"
export {
  currentServingStack,
  servingConstantNames,
  servingStackLineage,
  servingStacks
} from "./serving-stacks/index.ts"
export { catalogue, find, isUnknownName, namesOf, type EntryOf, type Kind, type UnknownName } from "./lookup.ts"
export { nearestNames } from "./nearest.ts"
export { override } from "./override.ts"
export { AcceleratorSchema, LinkSchema, ModelSchema, SystemSchema } from "./schema.ts"
export { QuantisationSchema, ServingStackSchema } from "./serving-schema.ts"
