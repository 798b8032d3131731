import type { ServingStack } from "../serving-types.ts"

type Properties = Omit<ServingStack, "constants" | "version" | "versions" | "name">

/** What a version changes of a stack's properties. */
export type VersionChanges = Partial<Omit<Properties, "aliases">>

/**
 * A serving stack without its constants. `releases` are the versions with constants or properties of their own, oldest
 * first; the last one is the default. A stack without versions has the one release "".
 */
export interface ServingStackEntry extends Properties {
  readonly name: string
  readonly parent?: string
  readonly releases: readonly { readonly version: string; readonly changes?: VersionChanges }[]
}
