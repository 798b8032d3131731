/**
 * A command's help in 80 columns.
 */
import type { FlagDoc, HelpDoc } from "effect/cli/HelpDoc"
import * as Option from "effect/Option"
import { hanging, paragraph } from "./wrapping.ts"

type Row = readonly [label: string, text: string]

export const helpPage = (doc: HelpDoc): string => {
  const commands = (doc.subcommands ?? []).flatMap(({ commands }) => commands)
  const sections: readonly (readonly [title: string, rows: readonly Row[]])[] = [
    ["commands", commands.map(({ name, description }) => [name, description])],
    [
      "arguments",
      (doc.args ?? []).map(({ name, description }) => [`<${name}>`, Option.getOrElse(description, () => "")])
    ],
    ["flags", doc.flags.map(flagRow)],
    ["always", (doc.globalFlags ?? []).map(flagRow)]
  ]
  const rows = sections.flatMap(([, rows]) => rows)
  // A long flag stands on a line of its own rather than push all texts to the right.
  const indent = Math.min(24, Math.max(...rows.map(([label]) => label.length)) + 4)
  return [
    ...paragraph(doc.description, 80),
    "",
    `usage  ${doc.usage}`,
    ...sections.flatMap(([title, rows]) =>
      rows.length === 0 ? [] : ["", title].concat(rows.flatMap(([label, text]) => hanging(`  ${label}`, text, indent)))
    ),
    "",
    "examples",
    ...(doc.examples ?? []).flatMap(({ command, description }) =>
      description === undefined ? [`  ${command}`] : [`  # ${description}`, `  ${command}`]
    )
  ].join("\n")
}

const flagRow = ({ name, aliases, type, description }: FlagDoc): Row => {
  const names = [`--${name}`, ...aliases].join(", ")
  // The shells are listed in the description already.
  const value = type === "boolean" ? "" : ` ${type.includes("|") && name === "completions" ? "shell" : type}`
  return [`${names}${value}`, Option.getOrElse(description, () => "").replace(/ \(choices: /, " (")]
}
