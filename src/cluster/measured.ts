/**
 * Collectives that somebody measured on the cluster itself, in place of NCCL's cost model for the groups that were measured.
 *
 * Between two measured sizes the time is interpolated in log-log; beyond the first and the last the analytic law holds, times the
 * ratio at that edge, which fades to 1 within two doublings.
 */
import type { Fabric, Group } from "./fabric.ts"
import type { CollectiveKind, MeasuredCollective } from "./measured-collective.ts"

/** Doublings beyond an edge after which the measurement tells nothing. */
const reach = 2

/** Scale-up domains that a sweep ran across. */
const domainsOf = (
  { ranks, nodes }: MeasuredCollective,
  { acceleratorsPerNode, scaleUp: { domain } }: Fabric
): number => Math.max(1, Math.ceil(nodes === undefined ? ranks / domain : (nodes * acceleratorsPerNode) / domain))

/** The sweep of a kind and group, if there is one; the last that was given counts. */
export const measuredFor = (fabric: Fabric, kind: CollectiveKind, group: Group): MeasuredCollective | undefined =>
  fabric.measured?.findLast(
    (table) => table.kind === kind && table.ranks === group.ranks && domainsOf(table, fabric) === group.domains
  )

/**
 * Measured over analytic seconds of a size.
 *
 * @param analytic seconds of a size by the law, for the group that was measured alone
 */
export const measuredRatio = (
  { bytes: sizes, seconds }: MeasuredCollective,
  bytes: number,
  analytic: (bytes: number) => number
): number => {
  const last = sizes.length - 1
  const ratioAt = (row: number): number => (seconds[row] ?? 1) / analytic(sizes[row] ?? 1)
  const faded = (row: number, doublings: number): number => ratioAt(row) ** Math.max(0, 1 - doublings / reach)
  const [smallest = 1, largest = 1] = [sizes[0], sizes[last]]
  if (bytes <= smallest) return faded(0, Math.log2(smallest / bytes))
  if (bytes >= largest) return faded(last, Math.log2(bytes / largest))
  let high = 1
  while ((sizes[high] ?? largest) < bytes) high++
  const [low, up] = [sizes[high - 1] ?? 1, sizes[high] ?? 1]
  const share = Math.log(bytes / low) / Math.log(up / low)
  const [first, next] = [seconds[high - 1] ?? 1, seconds[high] ?? 1]
  return (first * (next / first) ** share) / analytic(bytes)
}
