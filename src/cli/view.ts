/**
 * `windtunnel view`: the timeline in a browser.
 */
import { spawn } from "node:child_process"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { InputWrong } from "./failure.ts"
import { print } from "./output.ts"
import { setFlag } from "./run.ts"
import { filesToShow, type Shown } from "./view-files.ts"
import { startViewServer } from "./view-server.ts"
import { builtViewer } from "./viewer-build.ts"

const listenReason = (error: unknown): string => {
  const code = error instanceof Error && "code" in error ? error.code : undefined
  if (code === "EADDRINUSE") return "another program does already"
  return code === "EACCES" ? "permission denied" : error instanceof Error ? error.message : String(error)
}

const nothing: Shown = { files: new Map() }

export const view = Command.make(
  "view",
  {
    target: Argument.String("run, scenario or trace").pipe(
      Argument.withDescription(
        "A folder of `run --out`, a scenario, or a trace (Chrome JSON, PyTorch profiler, .gz); without it the start page"
      ),
      Argument.optional
    ),
    set: setFlag,
    port: Flag.Int("port").pipe(Flag.withDescription("Port on this machine; default a free one"), Flag.withDefault(0)),
    noOpen: Flag.Boolean("no-open").pipe(
      Flag.withDescription("Print the address and leave the browser alone"),
      Flag.withDefault(false)
    )
  },
  Effect.fn("view")(function* ({ target, set, port, noOpen }) {
    if (!(port >= 0 && port <= 65_535)) return yield* new InputWrong({ text: "--port takes a number from 0 to 65,535" })
    const named = Option.getOrUndefined(target)
    const shown: Shown = named === undefined ? nothing : yield* filesToShow(named, set)
    const viewer = builtViewer()
    if ("failure" in viewer) return yield* new InputWrong({ text: viewer.failure })
    const server = yield* Effect.tryPromise({
      try: () => startViewServer({ viewer: viewer.folder, port, ...shown }),
      catch: (error) =>
        new InputWrong({
          text: `--port ${port}\n  cannot listen there: ${listenReason(error)}\n  expected a free port, or none: one is found then`
        })
    })
    yield* print(`${server.address}\n  Ctrl+C ends it`)
    if (!noOpen) openBrowser(server.address)
    return yield* Effect.never.pipe(Effect.ensuring(Effect.sync(server.close)))
  })
).pipe(
  Command.withDescription("Show the timeline of a run, a scenario or a recorded trace in the browser"),
  Command.withExamples([
    { command: "windtunnel view runs/bloom", description: "what `run --out runs/bloom` wrote" },
    { command: "windtunnel view bloom-176b", description: "simulate a scenario and look at it" },
    { command: "windtunnel view trace.json.gz", description: "a trace that PyTorch's profiler or Perfetto wrote" }
  ])
)

/** Opens the browser where there is a screen and someone to look at it; otherwise the printed address is all. */
const openBrowser = (address: string): void => {
  const { platform, env, stdout } = process
  const hasScreen = platform !== "linux" || env["DISPLAY"] !== undefined || env["WAYLAND_DISPLAY"] !== undefined
  if (!stdout.isTTY || !hasScreen) return
  const [command, args]: readonly [string, readonly string[]] =
    platform === "darwin"
      ? ["open", [address]]
      : platform === "win32"
        ? ["cmd", ["/c", "start", "", address]]
        : ["xdg-open", [address]]
  spawn(command, args, { stdio: "ignore", detached: true })
    .on("error", () => undefined)
    .unref()
}
