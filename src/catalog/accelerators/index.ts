/**
 * Every accelerator of the catalogue, oldest family first.
 */
import type { Accelerator } from "../types.ts"
import { ada } from "./ada.ts"
import { amd } from "./amd.ts"
import { ampere } from "./ampere.ts"
import { ampereWorkstation } from "./ampere-workstation.ts"
import { apple } from "./apple.ts"
import { blackwell } from "./blackwell.ts"
import { geforce } from "./geforce.ts"
import { hopper } from "./hopper.ts"
import { intel } from "./intel.ts"
import { volta } from "./volta.ts"

export const accelerators: readonly Accelerator[] = [
  ...volta,
  ...ampere,
  ...ampereWorkstation,
  ...ada,
  ...hopper,
  ...blackwell,
  ...geforce,
  ...amd,
  ...intel,
  ...apple
]
