/** Every schedule that a scenario can name. */
import { automatic, zeroBubbleOneP, zeroBubbleTwoP } from "./automatic.ts"
import { dualPipe, dualPipeV } from "./dualpipe.ts"
import { gpipe, naive } from "./gpipe.ts"
import { interleaved, oneForwardOneBackward } from "./one-forward-one-backward.ts"
import type { ScheduleGenerator } from "./schedule.ts"
import { vHalf, vMin, zeroBubbleV } from "./v-shaped.ts"
import { zeroBubbleH1, zeroBubbleH2 } from "./zero-bubble.ts"

export const schedules: Readonly<Record<string, ScheduleGenerator>> = {
  naive,
  gpipe,
  "1f1b": oneForwardOneBackward,
  "interleaved-1f1b": interleaved,
  interleaved,
  "zb-h1": zeroBubbleH1,
  "zb-h2": zeroBubbleH2,
  "zb-v": zeroBubbleV,
  "v-half": vHalf,
  "v-min": vMin,
  "zb-1p": zeroBubbleOneP,
  "zb-2p": zeroBubbleTwoP,
  automatic,
  dualpipe: dualPipe,
  "dualpipe-v": dualPipeV
}
