/**
 * What a serving simulation is made from, and what comes out of it: work, server, log.
 */
export type * from "./workload-types.ts"
export type * from "./server-types.ts"
export * from "./log-types.ts"
