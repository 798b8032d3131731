/** A shipped scenario as a text that stands alone: it is edited and read without its folder. */
import { parseDocument } from "yaml"

/**
 * The text of a scenario, which names what it extends as from the folder of all.
 *
 * @param texts  by path: scenarios/whole-run/bloom-176b.yaml
 * @param name   below scenarios/, without its ending
 */
export const shippedText = (texts: ReadonlyMap<string, string>, name: string): string | undefined => {
  const text = texts.get(`scenarios/${name}.yaml`)
  if (text === undefined || !name.includes("/")) return text
  const document = parseDocument(text)
  const base = document.get("extends")
  if (typeof base !== "string" || !base.endsWith(".yaml")) return text
  const { pathname } = new URL(base, `http://shipped/${name}`)
  document.set("extends", pathname.slice(1))
  return document.toString({ lineWidth: 0 })
}
