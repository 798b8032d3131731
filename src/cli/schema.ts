/**
 * `windtunnel schema`: the JSON Schema of a scenario, for editors.
 */
import * as Command from "effect/cli/Command"
import { scenarioJsonSchema } from "../scenario/index.ts"
import { printJson } from "./output.ts"

export const schema = Command.make("schema", {}, () => printJson(scenarioJsonSchema())).pipe(
  Command.withDescription("Print the JSON Schema of a scenario, every field with its meaning"),
  Command.withExamples([
    { command: "windtunnel schema > scenario.schema.json", description: "for completion in an editor" }
  ])
)
