/**
 * Entry point of the command line. The compile cache must be on before the program's modules are loaded.
 */
import { enableCompileCache } from "node:module"

enableCompileCache()
// A reader that stops early (`| head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0)
  throw error
})
const { start } = await import("./program.ts")
start()
