/** Scripts of launch commands, run by a shell in which every engine is a stub that writes down what it was started with. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export interface Started {
  readonly node: string
  readonly words: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

const told = ["CUDA_VISIBLE_DEVICES", "VLLM_NIXL_SIDE_CHANNEL_HOST", "VLLM_NIXL_SIDE_CHANNEL_PORT"]

/** What a script starts on each of its nodes and as router, and the files that it leaves. */
export const run = (
  text: string,
  nodes: number
): { readonly started: readonly Started[]; readonly files: Map<string, string> } => {
  const folder = mkdtempSync(join(tmpdir(), "launch-"))
  const stub = `#!/bin/bash
{ printf '%s\\x1f' "$AT" ${told.map((name) => `"\${${name}-}"`).join(" ")} "$(basename "$0")" "$@"; printf '\\x1e'; } > "$LOG/$$-$RANDOM.started"
`
  for (const name of ["vllm", "vllm-router", "python", "trtllm-serve", "srun"])
    writeFileSync(join(folder, name), stub, { mode: 0o755 })
  writeFileSync(join(folder, "launch.sh"), text)
  try {
    for (const at of [...Array.from({ length: nodes }, (_, node) => String(node)), "router"])
      execFileSync("bash", ["launch.sh", at], {
        cwd: folder,
        env: { PATH: `${folder}:/usr/bin:/bin`, LOG: folder, AT: at },
        timeout: 20_000
      })
    const names = readdirSync(folder)
    const started = names
      .filter((name) => name.endsWith(".started"))
      .map((name): Started => {
        const [node = "", ...rest] = readFileSync(join(folder, name), "utf8").split("\u001F").slice(0, -1)
        return {
          node,
          environment: Object.fromEntries(told.map((variable, index) => [variable, rest[index] ?? ""])),
          words: rest.slice(told.length)
        }
      })
    const yaml = names.filter((name) => name.endsWith(".yaml"))
    return { started, files: new Map(yaml.map((name) => [name, readFileSync(join(folder, name), "utf8")])) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

export const valuesOf = ({ words }: Pick<Started, "words">, flag: string): readonly string[] =>
  words.flatMap((word, index) => (word === flag ? [words[index + 1] ?? ""] : []))
export const valueOf = (one: Pick<Started, "words">, flag: string): string | undefined => valuesOf(one, flag)[0]
