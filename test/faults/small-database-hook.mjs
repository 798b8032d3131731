/** Loaded with `--import`: limits the pages of every SQLite file that a process writes, as a full disk does. */
import { DatabaseSync } from "node:sqlite"

const pages = Math.floor(Number(process.env.WINDTUNNEL_LARGEST_DATABASE) / 4096)
const exec = DatabaseSync.prototype.exec
const limited = new WeakSet()

DatabaseSync.prototype.exec = function (sql) {
  if (!limited.has(this)) {
    limited.add(this)
    exec.call(this, `pragma max_page_count = ${pages}`)
  }
  return exec.call(this, sql)
}
