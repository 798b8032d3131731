/** Files dropped on the page: opened, or compared with what is shown. */
import { h } from "./dom.ts"

export const makeDropZone = (
  canCompare: () => boolean,
  onFiles: (files: readonly File[], mode: "open" | "compare") => void
): void => {
  const target = (mode: "open" | "compare", label: string): HTMLElement => {
    const element = h("div", { class: "drop-target" }, label)
    element.addEventListener("dragover", () => element.classList.add("over"))
    element.addEventListener("dragleave", () => element.classList.remove("over"))
    element.addEventListener("drop", (event) => {
      event.preventDefault()
      event.stopPropagation()
      end()
      const files = [...(event.dataTransfer?.files ?? [])]
      if (files.length > 0) onFiles(files, mode)
    })
    return element
  }
  const open = target("open", "Open")
  const compare = target("compare", "Compare with what is shown")
  const zone = h("div", { class: "drop-zone", "aria-hidden": "true" }, open, compare)
  const end = (): void => zone.remove()
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") === true
  window.addEventListener("dragenter", (event) => {
    if (!hasFiles(event) || zone.isConnected) return
    compare.hidden = !canCompare()
    document.body.append(zone)
  })
  window.addEventListener("dragover", (event) => {
    if (hasFiles(event)) event.preventDefault()
  })
  window.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) end()
  })
  window.addEventListener("drop", (event) => {
    event.preventDefault()
    end()
    const files = [...(event.dataTransfer?.files ?? [])]
    if (files.length > 0) onFiles(files, "open")
  })
}
