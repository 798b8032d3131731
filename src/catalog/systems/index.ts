/**
 * Every system of the catalogue: what a node holds and how nodes are joined.
 */
import type { System } from "../types.ts"
import { cloud } from "./cloud.ts"
import { clusters } from "./clusters.ts"
import { nvidiaReference } from "./nvidia-reference.ts"
import { servers } from "./servers.ts"
import { workstations } from "./workstations.ts"

export const systems: readonly System[] = [...clusters, ...nvidiaReference, ...cloud, ...servers, ...workstations]
