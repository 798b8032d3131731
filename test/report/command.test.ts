import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { inFolder, windtunnel, write } from "../cli/command-line.ts"
import { smallServer, smallTraining } from "./resolved.ts"

const json = (path: string) => JSON.parse(readFileSync(path, "utf8"))
const server = JSON.stringify(smallServer)
const training = JSON.stringify(smallTraining)

/** Threads take longer to start than such small scenarios to simulate. */
const onOneThread = (...args: readonly string[]) => windtunnel("report", "--workers=1", ...args)

describe("windtunnel report", () => {
  test("of a scenario writes four forms, which tell the same", () =>
    inFolder(async (folder) => {
      const { status, stdout } = await onOneThread(write(folder, "server.json", server), "--out", join(folder, "out"))
      expect(status).toBe(0)
      expect(readdirSync(join(folder, "out")).sort()).toEqual(["report.csv", "report.html", "report.json", "report.md"])
      const document = json(join(folder, "out", "report.json"))
      const { answer } = document
      expect(answer).toMatch(
        /^2 x H100 SXM5 80 GB serve the [\d.]+ requests\/s that come, and [\d.]+ % of the requests meet the goals \(first token within 100 ms and 10 ms a token\); up to [\d.]+ requests\/s, 99 of 100 would\. A million output tokens cost \$[\d.]+\.$/
      )
      const flat = (text: string): string => text.replaceAll(/[\s\u00A0\\]+/g, " ")
      for (const text of [
        stdout,
        readFileSync(join(folder, "out", "report.md"), "utf8"),
        readFileSync(join(folder, "out", "report.html"), "utf8")
      ])
        expect(flat(text)).toContain(answer)
      expect(document.sections.map(({ id }: { id: string }) => id)).toEqual([
        "load", "latency", "time", "memory", "scaling", "cost", "help", "sensitivity", "trust", "launch"
      ]) // prettier-ignore
    }))

  test("names the nearest measured cases, as many as eight, with both numbers", () =>
    inFolder(async (folder) => {
      const { stdout } = await onOneThread(write(folder, "training.json", training), "--json")
      const { sections, trust, figures } = JSON.parse(stdout)
      const tables = sections
        .find(({ id }: { id: string }) => id === "trust")
        .blocks.flatMap(({ table }: { table?: { name: string } }) => table ?? [])
      const { columns, rows } = tables.find(({ name }: { name: string }) => name === "Measured and predicted")
      expect(columns.map(({ name }: { name: string }) => name)).toEqual([
        "case",
        "of",
        "measured",
        "predicted",
        "error",
        "without its source"
      ])
      expect(rows).toHaveLength(8)
      for (const [, of, measured, predicted, error] of rows) {
        expect(of).toMatch(/^\S.* on \d+ x \S.*, \S+: \S/)
        const late =
          /second(?:s)? per|seconds/.test(of) && !/per second/.test(of) ? predicted / measured : measured / predicted
        expect(error).toBeCloseTo(late - 1, 2)
      }
      expect(trust).toMatch(/^How sure: nearest measured cases: [\d,]+ of \d+ sources, median error [\d.]+ % unseen/)
      expect(figures[0].intervals.map(({ level }: { level: number }) => level)).toEqual([0.5, 0.8, 0.9])
      expect(existsSync(join(folder, "reports"))).toBe(false)
    }))

  test("tells the same interval and the same nearest cases as the run", () =>
    inFolder(async (folder) => {
      const file = write(folder, "training.json", training)
      const [report, run] = [await onOneThread(file, "--json"), await windtunnel("run", file, "--json")]
      const { figures, trust } = JSON.parse(report.stdout)
      const { iterationSeconds } = JSON.parse(run.stdout).intervals
      const range = figures[0].intervals.find(({ level }: { level: number }) => level === 0.9)
      expect([range.low, range.high]).toEqual(iterationSeconds["90"])
      const summary = (await windtunnel("run", file)).stdout.replaceAll(/\s+/g, " ")
      expect(summary).toContain(/nearest measured cases: .* unseen/.exec(trust)?.[0])
    }))

  test("on one thread and on two gives the same bytes", () =>
    inFolder(async (folder) => {
      const file = write(folder, "server.json", server)
      const [one, two] = ["1", "2"].map((threads) => join(folder, threads))
      await windtunnel("report", file, "--out", one ?? "", "--workers", "1")
      await windtunnel("report", file, "--out", two ?? "", "--workers", "2")
      for (const name of ["report.html", "report.json", "report.md", "report.csv"])
        expect(readFileSync(join(two ?? "", name), "utf8")).toBe(readFileSync(join(one ?? "", name), "utf8"))
    }))

  test("of a run that was kept goes into its folder, and can be run again from what it says", () =>
    inFolder(async (folder) => {
      const kept = join(folder, "run")
      await windtunnel("run", write(folder, "training.json", training), "--out", kept, "--trace", "off")
      const { status } = await onOneThread(kept, "--format", "json,md")
      expect(status).toBe(0)
      expect(readdirSync(kept).sort()).toEqual(["report.json", "report.md", "result.json", "scenario.json"])
      const [run] = json(join(kept, "report.json")).runs
      expect(run.hash).toBe(json(join(kept, "result.json")).hash)
      expect(run.command).toContain(`run ${join(kept, "scenario.json")}`)
      expect(run.remarks).toEqual([])
      const again = await windtunnel("run", write(folder, "again.json", JSON.stringify(run.scenario)), "--json")
      expect(JSON.parse(again.stdout).hash).toBe(run.hash)
    }))

  test("of a run by another version says that its numbers are of this one", () =>
    inFolder(async (folder) => {
      const kept = join(folder, "run")
      await windtunnel("run", write(folder, "training.json", training), "--out", kept, "--trace", "off")
      const result = json(join(kept, "result.json"))
      writeFileSync(join(kept, "result.json"), JSON.stringify({ ...result, windtunnel: "0.0.1" }))
      await onOneThread(kept, "--format", "json")
      expect(json(join(kept, "report.json")).runs[0].remarks).toEqual([
        expect.stringMatching(/^The run was kept by windtunnel 0\.0\.1; the numbers here are of windtunnel /)
      ])
    }))

  test("of two runs compares them, and names the cheapest", () =>
    inFolder(async (folder) => {
      const dear = { ...smallServer, name: "Dear", price: { perAcceleratorHour: 4 } }
      const files = [write(folder, "a.json", server), write(folder, "b.json", JSON.stringify(dear))]
      const { stdout } = await onOneThread(...files, "--json")
      const document = JSON.parse(stdout)
      expect(document.report).toBe("comparison")
      expect(document.answer).toMatch(
        /^(?:Small server is the cheapest that meets its goals|None of them meets its goals)/
      )
      expect(document.sections[0].blocks[0].table.rows.map(([name]: readonly string[]) => name)).toEqual([
        "Small server",
        "Dear"
      ])
      expect(document.runs).toHaveLength(2)
      // Both share their threads, and what a comparison leaves aside it says.
      expect(document.sections.map(({ id }: { id: string }) => id)).not.toContain("run-1-help")
      expect(document.sections.map(({ id }: { id: string }) => id)).toContain("run-2-load")
      expect(document.sections[0].blocks.at(-1).text).toContain("are in a report of it alone")
    }))

  test("of two runs on two threads gives the same bytes as on one", () =>
    inFolder(async (folder) => {
      const dear = { ...smallServer, name: "Dear", price: { perAcceleratorHour: 4 } }
      const files = [write(folder, "a.json", server), write(folder, "b.json", JSON.stringify(dear))]
      const one = await windtunnel("report", "--workers=1", ...files, "--json")
      const two = await windtunnel("report", "--workers=2", ...files, "--json")
      expect(two.stdout).toBe(one.stdout)
    }))

  test("of a training and a server is refused", () =>
    inFolder(async (folder) => {
      const files = [write(folder, "a.json", server), write(folder, "b.json", training)]
      const { status, stderr } = await onOneThread(...files)
      expect(status).toBe(2)
      expect(stderr).toMatch(/a\.json is about serving, .*b\.json about training\n {2}expected runs of one kind/)
    }))

  test.each([
    ["--format", "pdf", '--format has no "pdf"\n  expected some of html, md, csv, json'],
    ["--format", "htm", "expected some of html, md, csv, json; did you mean html?"],
    ["--workers", "0", "--workers takes a whole number from 1 to 1024"],
    ["--seed", "-1", "--seed takes a whole number from 0 on"]
  ])("%s %s is refused", (flag, value, said) =>
    inFolder(async (folder) => {
      const { status, stderr } = await windtunnel("report", write(folder, "a.json", server), `${flag}=${value}`)
      expect(status).toBe(2)
      expect(stderr).toContain(said)
    })
  )
})

describe("work that does not fit", () => {
  test("of a training ends with 1 and a report that says what would fit", () =>
    inFolder(async (folder) => {
      const large = {
        ...smallTraining,
        model: "bloom-7b1",
        training: { ...smallTraining.training, recompute: "none", zeroStage: 0, microBatch: 4 }
      }
      const { status } = await onOneThread(write(folder, "a.json", JSON.stringify(large)), "--out", folder)
      expect(status).toBe(1)
      const { answer, sections } = json(join(folder, "report.json"))
      expect(answer).toMatch(
        /^BLOOM-7\S* does not fit on 8 x A100 .* this way: stage \d needs [\d.]+ GB of 80 GB; .* would fit\.$/
      )
      expect(sections[0].title).toBe("What would make it fit")
    }))

  test("of a server too", () =>
    inFolder(async (folder) => {
      const large = { ...smallServer, model: "llama-3.1-70b" }
      const { status } = await onOneThread(write(folder, "a.json", JSON.stringify(large)), "--out", folder)
      expect(status).toBe(1)
      expect(json(join(folder, "report.json")).answer).toMatch(
        /^Llama 3.1 70B does not fit: an accelerator needs 1\d\d GB of the [\d.]+ GB that the server may use; .* would fit\.$/
      )
    }))
})

describe("windtunnel run --report", () => {
  test("writes the report beside the run", () =>
    inFolder(async (folder) => {
      const out = join(folder, "out")
      const { status, stdout } = await windtunnel(
        "run",
        write(folder, "a.json", training),
        "--out",
        out,
        "--report",
        "--trace",
        "off"
      )
      expect(status).toBe(0)
      expect(stdout.split("\n")[0]).toBe("Small training")
      expect(readdirSync(out).sort()).toEqual([
        "report.csv",
        "report.html",
        "report.json",
        "report.md",
        "result.json",
        "scenario.json"
      ])
      const { figures } = json(join(out, "report.json"))
      expect(figures[0].value).toBe(json(join(out, "result.json")).result.iterationSeconds)
    }))

  test("needs a folder", () =>
    inFolder(async (folder) => {
      const { status, stderr } = await windtunnel("run", write(folder, "a.json", training), "--report")
      expect([status, stderr]).toEqual([2, "--report writes files: it needs --out folder\n"])
    }))
})

describe("windtunnel compare RUN bench.json", () => {
  const bench = (changes: object) => ({
    date: "20261125-120000",
    backend: "vllm",
    num_prompts: 200,
    request_rate: 20,
    completed: 200,
    total_input_tokens: 102_400,
    request_throughput: 20,
    "request_goodput:": 19,
    output_throughput: 800,
    mean_ttft_ms: 50,
    p99_ttft_ms: 80,
    mean_tpot_ms: 8,
    ttfts: [0.05],
    ...changes
  })

  test("lays what was measured beside what was predicted, by the benchmark's names", () =>
    inFolder(async (folder) => {
      const run = join(folder, "run")
      await windtunnel("run", write(folder, "a.json", server), "--out", run, "--trace", "off")
      const { benchmark } = json(join(run, "result.json"))
      const file = write(folder, "bench.json", JSON.stringify(bench({ mean_ttft_ms: benchmark.mean_ttft_ms * 2 })))
      const { stdout } = await windtunnel("compare", run, file, "--json")
      const comparison = JSON.parse(stdout)
      expect(comparison.kind).toBe("benchmark")
      expect(comparison.metrics).toContainEqual({
        name: "mean_ttft_ms",
        predicted: benchmark.mean_ttft_ms,
        measured: benchmark.mean_ttft_ms * 2,
        error: -0.5
      })
      expect(comparison.metrics.map(({ name }: { name: string }) => name)).toContain("request_goodput")
      expect(comparison.remarks).toEqual([])
    }))

  test("in either order, of a scenario, in text of 80 columns", () =>
    inFolder(async (folder) => {
      const file = write(folder, "bench.json", JSON.stringify(bench({ num_prompts: 1000 })))
      const { status, stdout } = await windtunnel("compare", file, write(folder, "a.json", server))
      expect(status).toBe(0)
      expect(stdout).toMatch(/^ {2}mean_ttft_ms +[\d.]+ +50 +[-+][\d.]+ %$/m)
      expect(stdout).toContain("requests: 200 predicted, 1,000 measured: the loads differ")
    }))

  test("the last of several results that were appended counts", () =>
    inFolder(async (folder) => {
      const lines = [bench({ mean_tpot_ms: 1 }), bench({ mean_tpot_ms: 9 })]
        .map((one) => JSON.stringify(one))
        .join("\n")
      const { stdout } = await windtunnel(
        "compare",
        write(folder, "bench.jsonl", lines),
        write(folder, "a.json", server)
      )
      expect(stdout).toMatch(/^ {2}mean_tpot_ms +[\d.]+ +9 /m)
    }))

  test("beside a training is refused", () =>
    inFolder(async (folder) => {
      const { status, stderr } = await windtunnel(
        "compare",
        write(folder, "bench.json", JSON.stringify(bench({}))),
        write(folder, "a.json", training)
      )
      expect(status).toBe(2)
      expect(stderr).toContain("it has no prediction of a server to lay beside")
    }))
})
