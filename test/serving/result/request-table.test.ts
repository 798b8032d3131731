import { describe, expect, test } from "vitest"
import { requestTableCsv } from "../../../src/serving/result/index.ts"
import { makeClass, makeJob, makeLog, type Row } from "./hand.ts"

describe("the request table", () => {
  test("has a line a request, with empty fields for what never came", () => {
    const job = makeJob({
      workload: { ...makeJob().workload, classes: [makeClass(), makeClass({ name: 'code, "long"' })] }
    })
    const rows: readonly Row[] = [
      { arrival: 0.1, scheduled: 0.3, firstToken: 0.35, finished: 1.35, cached: 16 },
      { arrival: 1, state: "rejected", classIndex: 1, replica: -1 },
      { arrival: 2, scheduled: 2.5, firstToken: 3, generated: 4, state: "running", preemptions: 1 }
    ]
    expect([...requestTableCsv(job, makeLog(rows, 4))].join("").split("\n")).toEqual([
      "request,class,replica,state,arrival_s,scheduled_s,first_token_s,finished_s,prompt_tokens,cached_tokens,output_tokens,generated_tokens,preemptions,queueing_s,ttft_s,tpot_s,e2e_s",
      "0,chat,0,finished,0.1,0.3,0.35,1.35,100,16,11,11,0,0.2,0.25,0.1,1.25",
      '1,"code, ""long""",,rejected,1,,,,100,0,11,0,0,,,,',
      "2,chat,0,running,2,2.5,3,,100,0,11,4,1,0.5,1,,",
      ""
    ])
  })

  test("comes in pieces", () => {
    const rows = Array.from({ length: 5000 }, (_, arrival): Row => ({ arrival, state: "waiting" }))
    const chunks = [...requestTableCsv(makeJob(), makeLog(rows, 5000))]
    expect(chunks.map((chunk) => chunk.split("\n").length - 1)).toEqual([2049, 2048, 904])
    expect([...requestTableCsv(makeJob(), makeLog([], 0))]).toHaveLength(1)
  })
})
