/** Loaded into a process with `--import`: makes the file `WINDTUNNEL_LISTENS` when the process listens to interrupts. */
import { writeFileSync } from "node:fs"

process.on("newListener", (event) => {
  if (event === "SIGINT") queueMicrotask(() => writeFileSync(process.env.WINDTUNNEL_LISTENS, ""))
})
