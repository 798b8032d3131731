/**
 * Capacity of servers: the fewest accelerators for a load, the highest load of a fleet, what it costs, and for whom.
 */
export { highestLoad, type HighestLoad } from "./bisect.ts"
export { cheapestSize, ratedPairs, type RatedPair } from "./apart.ts"
export { boundsOf, type ReplicaBounds } from "./bounds.ts"
export { drivenHere } from "./drive.ts"
export { acceleratorsOf, changesOf, isWithin, resolvedFleet, simulateFleet } from "./fleet.ts"
export {
  goalsText,
  goalText,
  loadText,
  missedText,
  parseGoals,
  parseLoad,
  tightest,
  type LatencyGoal,
  type Latencies
} from "./goals.ts"
export { drawnRequests } from "./mix.ts"
export { hourlyPrice } from "./prices.ts"
export { searchCapacity } from "./search.ts"
export { smallest, together } from "./sizing.ts"
export type { BeatenKind, BeatenPair, CapacityPlan, PairCounts, SizedFleet, TriedFleet } from "./plan-types.ts"
export {
  candidatesOf,
  rated,
  usualSpace,
  usualSystems,
  type NearestSeconds,
  type PruneCause,
  type PrunedKind,
  type RatedKind
} from "./space.ts"
export * from "./types.ts"
export { dayOf, hourlyRates, type Day, type DayCurve } from "./day.ts"
export { usualPrices, waysOf, type FleetFacts, type PriceInputs, type CostWays } from "./economics.ts"
export { outOfReach, type OutOfReach } from "./nearest-goals.ts"
export { paretoFront, valueOfTried, worthOfKinds, type FrontPoint } from "./pareto.ts"
export { redundancyApart, redundancyOf, usualFailures, type FailureInputs, type Redundancy } from "./redundancy.ts"
export { survived, survivedApart, type Survived } from "./spares.ts"
export { runsOf, type PairSize } from "./runs.ts"
export { sheetOf, type Sheet, type SheetRow } from "./sheet.ts"
export { cheaperOf, fleetExperiment, type FleetExperiment, type ReplicaRun } from "./experiment.ts"
export { searchHighest, type DivisionCounts, type HighestPlan, type LoadedFleet } from "./highest.ts"
export { divisionsOf, largestSizes, type Division } from "./divisions.ts"
