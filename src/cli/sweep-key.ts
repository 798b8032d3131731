/**
 * What a point is known by within its sweep.
 */
import type { SweepPoint } from "../planner/index.ts"
import { hashText } from "../scenario/index.ts"

/** The same whatever the order of the fields. */
export const keyOf = ({ changes, seed }: Pick<SweepPoint, "changes" | "seed">): string =>
  hashText(JSON.stringify([Object.entries(changes).toSorted(([one], [other]) => (one < other ? -1 : 1)), seed]))
