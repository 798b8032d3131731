/**
 * Near names of a word that an option does not know, as messages end with them.
 */
import { nearestNames } from "../catalog/index.ts"

/** "; did you mean headroom?", or nothing where no name is spelled alike. */
export const meant = (written: string, names: readonly string[]): string => {
  const near = nearestNames(written, names)
  return near.length === 0 ? "" : `; did you mean ${near.join(", ")}?`
}
