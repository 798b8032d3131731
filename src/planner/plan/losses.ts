/**
 * Why a layout is not the best: what its iteration spends more on than the best one's.
 */
import type { TrainingResult } from "../../training/index.ts"

/** A part of an iteration's time. */
export type Spending =
  | "compute"
  | "recompute"
  | "tensor"
  | "pipeline sends"
  | "data"
  | "context"
  | "expert"
  | "bubble"
  | "host"
  | "optimizer"

export interface Loss {
  readonly on: Spending
  /** Seconds of an iteration over the best layout's; accelerator-seconds where accelerators are what is paid for. */
  readonly seconds: number
}

const spent = ({ breakdown }: TrainingResult): Readonly<Record<Spending, number>> => {
  const { compute, exposed, bubble, host, optimizer } = breakdown
  const { recompute, ...rest } = compute
  return {
    compute: Object.values(rest).reduce((sum, value) => sum + value, 0),
    recompute,
    tensor: exposed.tensor,
    "pipeline sends": exposed.pipeline,
    data: exposed.data,
    context: exposed.context,
    expert: exposed.expert,
    bubble,
    host,
    optimizer
  }
}

/**
 * What a layout loses by, the most first, gains left out.
 *
 * @param weight accelerators of each where these are paid for, else 1
 */
export const lossesOf = (
  best: { readonly result: TrainingResult; readonly weight: number },
  other: { readonly result: TrainingResult; readonly weight: number }
): readonly Loss[] => {
  const [one, two] = [spent(best.result), spent(other.result)]
  return (Object.keys(one) as Spending[])
    .map((on) => ({ on, seconds: two[on] * other.weight - one[on] * best.weight }))
    .filter(({ seconds }) => seconds > 1e-9)
    .toSorted((a, b) => b.seconds - a.seconds)
}
