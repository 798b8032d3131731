/**
 * Samples of the kernel tables that NVIDIA measured for AIConfigurator (Apache-2.0), loaded on demand: 400 matrix
 * multiplications and 200 prefill attentions an accelerator. Each file names its table, commit, licence and selection.
 */

/** A file: what was measured where, the names of the columns, and one kernel a row. */
export interface KernelFile {
  readonly accelerator: string
  readonly source: string
  readonly commit: string
  readonly license: string
  readonly table: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly number[])[]
}

type Load = () => Promise<{ readonly default: KernelFile }>

const gemm: readonly Load[] = [
  () => import("./gemm-a100.json", { with: { type: "json" } }),
  () => import("./gemm-h100.json", { with: { type: "json" } }),
  () => import("./gemm-b200.json", { with: { type: "json" } }),
  () => import("./gemm-l40s.json", { with: { type: "json" } })
]

const attention: readonly Load[] = [
  () => import("./attention-a100.json", { with: { type: "json" } }),
  () => import("./attention-h100.json", { with: { type: "json" } }),
  () => import("./attention-b200.json", { with: { type: "json" } }),
  () => import("./attention-l40s.json", { with: { type: "json" } })
]

const load = async (files: readonly Load[]): Promise<readonly KernelFile[]> =>
  (await Promise.all(files.map((file) => file()))).map((file) => file.default)

/** Every shipped file. */
export const shippedKernelFiles = async (): Promise<{
  readonly gemm: readonly KernelFile[]
  readonly attention: readonly KernelFile[]
}> => {
  const [products, cores] = await Promise.all([load(gemm), load(attention)])
  return { gemm: products, attention: cores }
}
