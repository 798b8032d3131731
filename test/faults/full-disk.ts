/**
 * Folders on a disk that is full after a few kilobytes. A small file system in memory where we may mount one; anywhere else
 * SQLite's own limit on a file's pages, which fails with the same error; and the kernel's limit on the size of files.
 */
import { spawnSync } from "node:child_process"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { unmountLater } from "./keeping.ts"
import type { StartOptions } from "./processes.ts"

export interface SmallDisk {
  readonly folder: string
  /** How commands must be started for the disk to be small to them. */
  readonly options: StartOptions
  /** Makes room; gives how commands are to be started now. */
  readonly grow: () => StartOptions
  readonly remove: () => void
}

const mount = (...args: readonly string[]): boolean => spawnSync("mount", args).status === 0

/** @param bytes  until the disk is full */
export const smallDisk = (parent: string, bytes: number): SmallDisk => {
  const folder = join(parent, "small")
  mkdirSync(folder)
  if (mount("-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", folder)) {
    unmountLater(folder)
    return {
      folder,
      options: {},
      grow: () => {
        if (!mount("-o", "remount,size=16m", folder)) throw new Error("the disk cannot be enlarged")
        return {}
      },
      remove: () => void spawnSync("umount", [folder])
    }
  }
  return { folder, options: { largestDatabase: bytes }, grow: () => ({}), remove: () => {} }
}

/** A quota a file, which anybody may set. */
export const smallFiles = (parent: string, bytes: number): SmallDisk => {
  const folder = join(parent, "small")
  mkdirSync(folder)
  return { folder, options: { largestFile: bytes }, grow: () => ({}), remove: () => {} }
}
