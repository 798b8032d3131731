/** Serving: requests arrive, are batched, and leave token by token. */
export { BadPlan } from "./policy/custom.ts"
export { beginServing, simulateServing, Stalled, type ServingOptions, type ServingRun } from "./simulate.ts"
export * from "./types.ts"
export * from "./workload/index.ts"
export * from "./result/index.ts"
