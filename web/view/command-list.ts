/** The commands of the timeline: what each is called, its keys, and what it does. */
import type { Command } from "./commands.ts"
import { openHelp, openPalette } from "./dialogs.ts"

/** What the commands do to the page. */
export interface Deeds {
  readonly zoom: (factor: number) => void
  readonly pan: (share: number) => void
  readonly whole: () => void
  readonly focusSelection: () => void
  readonly step: (direction: 1 | -1) => void
  readonly followFlow: (direction: "into" | "outOf") => void
  readonly mark: (isKept: boolean) => void
  readonly selectAll: () => void
  readonly clear: () => void
  readonly search: () => void
  readonly filter: () => void
  readonly foldAll: (isFolded: boolean) => void
  readonly showTab: (tab: string) => () => void
  readonly togglePath: () => void
  readonly foldPanel: () => void
  readonly switchGround: () => void
  readonly openWhatIf: () => void
  readonly askForFile: (mode: "open" | "compare") => void
  readonly copyAddress: () => void
  readonly goHome: (() => void) | undefined
}

export const commandList = (does: Deeds): readonly Command[] => {
  const commands: readonly Command[] = [
    {
      id: "zoom-in",
      name: "Zoom in",
      group: "Move",
      keys: [{ code: "KeyW" }, { key: "+" }],
      run: () => does.zoom(1 / 1.5)
    },
    {
      id: "zoom-out",
      name: "Zoom out",
      group: "Move",
      keys: [{ code: "KeyS" }, { key: "-" }],
      run: () => does.zoom(1.5)
    },
    {
      id: "pan-left",
      name: "Earlier",
      group: "Move",
      keys: [{ code: "KeyA" }, { code: "ArrowLeft" }],
      run: () => does.pan(-0.25)
    },
    {
      id: "pan-right",
      name: "Later",
      group: "Move",
      keys: [{ code: "KeyD" }, { code: "ArrowRight" }],
      run: () => does.pan(0.25)
    },
    {
      id: "whole",
      name: "The whole trace",
      group: "Move",
      keys: [{ code: "Digit0" }],
      run: does.whole
    },
    { id: "focus", name: "Zoom to the selection", group: "Move", keys: [{ code: "KeyF" }], run: does.focusSelection },
    { id: "next", name: "Next slice", group: "Select", keys: [{ code: "Period" }], run: () => does.step(1) },
    { id: "previous", name: "Previous slice", group: "Select", keys: [{ code: "Comma" }], run: () => does.step(-1) },
    {
      id: "flow-in",
      name: "What the slice waited for",
      group: "Select",
      keys: [{ code: "BracketLeft" }],
      run: () => does.followFlow("into")
    },
    {
      id: "flow-out",
      name: "What waited for the slice",
      group: "Select",
      keys: [{ code: "BracketRight" }],
      run: () => does.followFlow("outOf")
    },
    { id: "mark", name: "Mark the selection", group: "Select", keys: [{ code: "KeyM" }], run: () => does.mark(false) },
    {
      id: "mark-more",
      name: "Mark the selection as well",
      group: "Select",
      keys: [{ code: "KeyM", shift: true }],
      run: () => does.mark(true)
    },
    {
      id: "select-all",
      name: "Select everything in the window",
      group: "Select",
      keys: [{ code: "KeyA", ctrl: true }],
      run: does.selectAll
    },
    {
      id: "clear",
      name: "Clear the selection",
      group: "Select",
      keys: [{ code: "Escape" }],
      run: does.clear
    },
    {
      id: "search",
      name: "Search",
      group: "Select",
      keys: [{ key: "/" }, { code: "KeyF", ctrl: true }],
      run: does.search
    },
    { id: "filter", name: "Filter tracks", group: "Show", keys: [{ code: "KeyT" }], run: does.filter },
    {
      id: "fold",
      name: "Fold every group",
      group: "Show",
      keys: [{ code: "KeyE", shift: true }],
      run: () => does.foldAll(true)
    },
    {
      id: "unfold",
      name: "Unfold every group",
      group: "Show",
      keys: [{ code: "KeyE" }],
      run: () => does.foldAll(false)
    },
    { id: "overview", name: "Overview", group: "Show", keys: [{ code: "Digit1" }], run: does.showTab("overview") },
    {
      id: "selection",
      name: "Details of the selection",
      group: "Show",
      keys: [{ code: "Digit2" }, { code: "KeyQ" }],
      run: does.showTab("selection")
    },
    {
      id: "pipeline",
      name: "Pipeline schedule",
      group: "Show",
      keys: [{ code: "Digit3" }],
      run: does.showTab("pipeline")
    },
    { id: "memory", name: "Memory", group: "Show", keys: [{ code: "Digit4" }], run: does.showTab("memory") },
    { id: "path", name: "Critical path", group: "Show", keys: [{ code: "Digit5" }], run: does.showTab("path") },
    { id: "serving", name: "Serving charts", group: "Show", keys: [{ code: "Digit6" }], run: does.showTab("serving") },
    { id: "compare", name: "Comparison", group: "Show", keys: [{ code: "Digit7" }], run: does.showTab("compare") },
    { id: "run", name: "The whole training run", group: "Show", keys: [{ code: "Digit8" }], run: does.showTab("run") },
    {
      id: "highlight",
      name: "Highlight the critical path",
      group: "Show",
      keys: [{ code: "KeyP" }],
      run: does.togglePath
    },
    {
      id: "panel",
      name: "Fold the panel away",
      group: "Show",
      keys: [{ code: "KeyQ", shift: true }],
      run: does.foldPanel
    },
    {
      id: "ground",
      name: "Light or dark",
      group: "Show",
      keys: [{ code: "KeyL", shift: true }],
      run: does.switchGround
    },
    {
      id: "what-if",
      name: "What if: change the scenario",
      group: "What if",
      keys: [{ code: "KeyX" }],
      run: does.openWhatIf
    },
    {
      id: "open",
      name: "Open a file",
      group: "Files",
      keys: [{ code: "KeyO", ctrl: true }],
      run: () => does.askForFile("open")
    },
    {
      id: "compare-file",
      name: "Compare with a file",
      group: "Files",
      keys: [{ code: "KeyO", ctrl: true, shift: true }],
      run: () => does.askForFile("compare")
    },
    { id: "copy-link", name: "Copy the address of this view", group: "Files", keys: [], run: does.copyAddress },
    { id: "help", name: "Keys", group: "Show", keys: [{ key: "?" }], run: () => openHelp(commands) },
    {
      id: "palette",
      name: "All commands",
      group: "Show",
      keys: [
        { code: "KeyP", ctrl: true, shift: true },
        { code: "KeyK", ctrl: true }
      ],
      run: () => openPalette(commands)
    },
    ...(does.goHome === undefined
      ? []
      : [{ id: "home", name: "Start page", group: "Files", keys: [], run: does.goHome } satisfies Command])
  ]
  return commands
}
