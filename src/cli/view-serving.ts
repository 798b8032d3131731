/** A serving scenario simulated for the viewer. */
import * as Effect from "effect/Effect"
import { fitsOneRequest, resolveServing, type LoadedScenario } from "../scenario/index.ts"
import { simulateServing, summariseServing } from "../serving/index.ts"
import { cannotBeLaidOut } from "./cannot-be-laid-out.ts"
import { CannotRun } from "./failure.ts"
import { readChunks } from "./read-chunks.ts"
import { portableServing, servingDocument } from "./serving-document.ts"
import { readText } from "./text-file.ts"
import { filesOf } from "./served-run.ts"

/** Requests beyond which their lanes would be more than anyone looks at. */
const mostLanes = 10_000

export const servedRun = Effect.fn("servedRun")(function* (loaded: LoadedScenario) {
  const resolved = resolveServing(loaded, { readText, readChunks })
  if (resolved._tag === "Refused") return yield* cannotBeLaidOut(loaded, resolved.issues)
  if (!fitsOneRequest(resolved.job))
    return yield* new CannotRun({ text: "the model does not fit; `windtunnel run` says what would" })
  const requestLanes = resolved.job.workload.requests <= mostLanes
  const job = { ...resolved.job, trace: "full", requestLanes } as const
  const result = summariseServing(job, simulateServing(job))
  return filesOf(result.trace, servingDocument({ ...resolved, job }, result), portableServing(resolved.scenario))
})
