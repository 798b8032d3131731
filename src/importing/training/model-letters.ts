/**
 * The catalogue's model of a name that a framework spells its own way: llama3_8b, deepseek_v3-671B, llama31_405b.
 */
import { models, type Model } from "../../catalog/index.ts"

const letters = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "")

const namesOf = ({ name, aliases = [] }: Model): readonly string[] => [
  name,
  ...aliases.map((alias) => alias.replace(/^.*\//, ""))
]

/** A name with nothing but its letters and digits; sizes behind a name that says all count for nothing. */
export const modelOfLetters = (name: string): Model | undefined => {
  const wanted = letters(name)
  if (wanted === "") return undefined
  const spelled = (text: string): Model | undefined =>
    models.find((model) => namesOf(model).some((own) => letters(own) === text))
  return (
    spelled(wanted) ??
    spelled(wanted.replace(/^(.*\d)(?:b|671b|236b)$/, "$1")) ??
    spelled(wanted.replace(/671b$|236b$/, ""))
  )
}
