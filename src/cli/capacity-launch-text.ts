/**
 * What starts a planned fleet, as text of a plan.
 */
import type { LaunchFile } from "../report/index.ts"
import { hanging } from "./wrapping.ts"

/** @param isApart  two pools are joined by software of their own, which is told with what of it is not as simulated */
export const launchText = (launch: LaunchFile | undefined, isApart: boolean): readonly string[] =>
  launch === undefined
    ? []
    : [
        "",
        `${launch.name === "vllm-bench" ? "measure" : "launch "}   ${launch.title.replace(/^Measure it: /, "")}`,
        ...launch.text.split("\n").map((line) => `  ${line}`.trimEnd()),
        ...(isApart && launch.remarks.length > 0 ? ["", ...hanging("but", launch.remarks.join("; "), 10)] : [])
      ]
