/** What the panel at the bottom shows: one view a tab. */
import type { CriticalPath } from "../model/critical-path.ts"
import type { Hit } from "../model/hit.ts"
import { stageRows } from "../model/stages.ts"
import { areaDetails } from "./area-details.ts"
import { compareView } from "./compare-view.ts"
import { h } from "./dom.ts"
import { memoryView } from "./memory-view.ts"
import type { Navigation } from "./navigation.ts"
import { overview } from "./overview.ts"
import { pathView } from "./path-view.ts"
import { pipelineView } from "./pipeline-view.ts"
import { requestDetails } from "./request-details.ts"
import { runView } from "./run-view.ts"
import { servingView } from "./serving-view.ts"
import type { Scene, View } from "./session.ts"
import { sliceDetails } from "./slice-details.ts"
import { theme } from "./theme.ts"
import type { TimelineView } from "./timeline-view.ts"

export const tabNames = [
  ["overview", "Overview"],
  ["selection", "Selection"],
  ["pipeline", "Pipeline"],
  ["memory", "Memory"],
  ["path", "Critical path"],
  ["serving", "Requests"],
  ["run", "Whole run"],
  ["compare", "Compare"]
] as const

/** Tabs that follow the window of the timeline. */
export const followsWindow: ReadonlySet<string> = new Set(["pipeline", "memory", "serving"])

/** Tabs for which a scene has something to show. */
export const tabsOf = (scene: Scene): ReadonlySet<string> =>
  new Set([
    "overview",
    "selection",
    ...(stageRows(scene.whole).length > 0 ? ["pipeline"] : []),
    ...(scene.counters.length > 0 || scene.runs[0]?.result?.memory !== undefined ? ["memory"] : []),
    "path",
    ...(scene.serving === undefined ? [] : ["serving"]),
    ...(scene.wholeRun === undefined ? [] : ["run"]),
    "compare"
  ])

export interface PanelActions {
  readonly navigation: Navigation
  readonly set: (change: Partial<View>) => void
  readonly path: () => CriticalPath | undefined
  readonly togglePath: () => void
  readonly compareWithFile: () => void
  readonly endCompare: () => void
  /** The course of the whole run in the timeline, or an iteration again. */
  readonly showCourse: (isShown: boolean) => void
}

export const panelOf = (scene: Scene, view: View, timeline: TimelineView, actions: PanelActions): HTMLElement => {
  const { navigation, set } = actions
  const now = theme()
  const go = (hit: Hit): void => navigation.select(hit, true)
  switch (view.tab) {
    case "selection": {
      if (view.selection !== undefined) return selected(scene, view.selection, go, navigation)
      if (view.area !== undefined) return areaDetails(scene, timeline.timeline(), view.area, now, navigation.search)
      return h("p", { class: "empty" }, "Click a slice, or drag over an area, to see what is in it. Keys: ?")
    }
    case "pipeline":
      return pipelineView(timeline.timeline(), view.window, now, (slice) => go({ slice, entry: -1 }))
    case "memory":
      return memoryView(scene, view)
    case "path": {
      const path = actions.path()
      return path === undefined ? h("div") : pathView(path, view.showsPath, actions.togglePath)
    }
    case "serving":
      return scene.serving === undefined
        ? h("p", { class: "empty" }, "This run serves no requests")
        : servingView(scene.serving, view, {
            setWindow: navigation.moveTo,
            showRequests: scene.requests.size === 0 ? undefined : navigation.showRequests,
            showAll: () => set({ requests: undefined })
          })
    case "run":
      return scene.wholeRun === undefined
        ? h("p", { class: "empty" }, "This is one iteration: training.run makes it a whole run")
        : runView(scene.wholeRun, {
            isInTimeline: scene.runs[0]?.iteration !== undefined,
            toggleTimeline: () => actions.showCourse(scene.runs[0]?.iteration === undefined),
            showCourse: (start, end) => {
              actions.showCourse(true)
              navigation.moveTo({ start, end })
            }
          })
    case "compare":
      return compareView(scene, now, actions.compareWithFile, actions.endCompare)
    default:
      return overview(scene)
  }
}

/** A request where its lane was selected, else the slice. */
const selected = (scene: Scene, hit: Hit, go: (hit: Hit) => void, { moveTo }: Navigation): HTMLElement => {
  const lane = scene.requests.get(scene.whole.trace.slices.track[hit.slice] ?? -1)
  return lane === undefined
    ? sliceDetails(scene, hit, theme(), go)
    : requestDetails(scene, lane, (slice) => go({ slice, entry: -1 }), moveTo)
}
