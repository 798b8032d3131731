import type { Stack } from "../types.ts"
import type { Documented } from "./constants.ts"

/** A stack without its constants; `parent` names the stack whose fitted constants it inherits. */
export interface StackEntry extends Omit<Stack, "constants"> {
  readonly parent?: string
  readonly documented?: Documented
}
