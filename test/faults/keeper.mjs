/**
 * Outlives the tests that start it, to end what they leave: when its input closes, even because the tests were killed, the
 * processes that it was told of are ended and the folders deleted. Lines of the input: `start PID SIGNAL`, `end PID`,
 * `mount PATH`, `folder PATH`.
 */
import { spawnSync } from "node:child_process"
import { rmSync } from "node:fs"
import { createInterface } from "node:readline"

const processes = new Map()
const mounts = []
const folders = []

for await (const line of createInterface({ input: process.stdin })) {
  const [word, what, signal] = line.split(" ")
  if (word === "start") processes.set(Number(what), signal)
  else if (word === "end") processes.delete(Number(what))
  else if (word === "mount") mounts.push(line.slice(word.length + 1))
  else folders.push(line.slice(word.length + 1))
}

const send = (pid, signal) => {
  try {
    process.kill(pid, signal)
    return true
  } catch {
    return false
  }
}

for (const [pid, signal] of processes) {
  send(pid, signal)
  send(pid, "SIGCONT")
}
// A server that is told to stop at once needs a moment; who does not obey is killed.
for (let waited = 0; waited < 100 && [...processes.keys()].some((pid) => send(pid, 0)); waited++)
  await new Promise((resolve) => setTimeout(resolve, 100))
for (const pid of processes.keys()) send(pid, "SIGKILL")
for (const folder of mounts) spawnSync("umount", [folder])
for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
