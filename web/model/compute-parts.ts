/** Parts of the computing as a report names them (src/report/breakdown.ts), in its order and its depths of colour. */
export const computeParts = [
  { field: "gemm", name: "matrices", depth: 1 },
  { field: "experts", name: "experts", depth: 0.88 },
  { field: "attention", name: "attention", depth: 0.76 },
  { field: "head", name: "LM head", depth: 0.64 },
  { field: "elementwise", name: "elementwise", depth: 0.5 }
] as const
