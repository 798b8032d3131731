/** Statistics of samples. */
export { ranks, spearman } from "./rank-correlation.ts"
export { mean, median, quantile, quantileOfSorted, standardDeviation } from "./summary.ts"
