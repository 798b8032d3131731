/** The page of an open run: timeline, panels, commands, and the state in the address. */
import { readLink, writeLink } from "../base/link-state.ts"
import { criticalPath, type CriticalPath } from "../model/critical-path.ts"
import { trackOfHit } from "../model/place.ts"
import { metrics } from "../model/serving-result.ts"
import { nodesOf } from "../model/tree.ts"
import { linkOf, viewOfLink } from "./address.ts"
import { commandList } from "./command-list.ts"
import { h } from "./dom.ts"
import { makeHeader } from "./header.ts"
import { listenToKeys } from "./keys.ts"
import { makeNavigation } from "./navigation.ts"
import { followsWindow, panelOf, tabNames, tabsOf } from "./panels.ts"
import { pictureOf } from "./picture.ts"
import { firstView, sceneOf, withCourse, type Run, type Scene, type View } from "./session.ts"
import { makeTabs } from "./tabs.ts"
import { applyTheme, onSystemGround, switchGround } from "./theme.ts"
import { makeTimelineView } from "./timeline-view.ts"
import { pressTreeKey } from "./tree-keys.ts"
import type { WhatIf } from "../what-if/panel.ts"

export interface App {
  readonly element: HTMLElement
  readonly open: (runs: readonly Run[]) => void
  readonly say: (message: string, isError?: boolean) => void
  readonly probe: () => unknown
  /** Milliseconds that the last frame took to make. */
  readonly lastFrame: () => number
}

export interface AppOptions {
  /** Asks for a file, to open or to compare with. */
  readonly askForFile: (mode: "open" | "compare") => void
  readonly goHome: (() => void) | undefined
  readonly makeWhatIf: (run: Run, onRun: (run: Run) => void, onClose: () => void) => WhatIf
}

/** Changes of the view that the panel shows. */
const inPanel = ["selection", "area", "tab", "hidden", "showsPath", "row", "requests"] as const

export const makeApp = (options: AppOptions): App => {
  let scene: Scene | undefined
  let view: View | undefined
  let path: CriticalPath | undefined
  let whatIf: WhatIf | undefined
  let linkTimer = 0
  let isFirst = true

  const set = (change: Partial<View>): void => {
    if (scene === undefined || view === undefined) return
    const before = view
    const now: View = { ...view, ...change }
    view = now
    timeline.show(scene, now)
    if (
      inPanel.some((field) => before[field] !== now[field]) ||
      (before.window !== now.window && followsWindow.has(now.tab))
    )
      drawPanel()
    if (before.hidden !== now.hidden) header.draw(scene, now)
    header.drawSearch(now, navigation.matches())
    if (linkTimer === 0) linkTimer = window.setTimeout(writeAddress, 250)
  }

  const timeline = makeTimelineView({
    setWindow: (next) => set({ window: next }),
    select: (hit) => navigation.select(hit, false),
    selectArea: (area) => set({ area, selection: undefined, tab: "selection" }),
    toggle: (id) => set({ folded: toggled(view?.folded ?? new Set(), id) }),
    pin: (id) => set({ pinned: toggled(view?.pinned ?? new Set(), id) }),
    focus: (id) => set({ row: id }),
    fit: () => navigation.focusSelection()
  })
  const navigation = makeNavigation({ scene: () => scene, view: () => view, set, timeline })

  const togglePath = (): void => {
    const isShown = !(view?.showsPath ?? false)
    timeline.setPath(isShown ? new Set(currentPath()?.slices) : new Set())
    set({ showsPath: isShown })
  }
  const currentPath = (): CriticalPath | undefined => {
    if (scene !== undefined) path ??= criticalPath(scene.whole, scene.streams, scene.flows)
    return path
  }

  const openWhatIf = (): void => {
    const [run] = scene?.runs ?? []
    if (run?.scenario === undefined) return header.say("This trace has no scenario that could be changed", true)
    if (whatIf !== undefined) return closeWhatIf()
    whatIf = options.makeWhatIf(
      run,
      // A change of a whole run is looked at as the run was.
      (next) => open([withCourse(next, scene?.runs[0]?.iteration !== undefined)], true),
      closeWhatIf
    )
    element.querySelector(".side-panel")?.replaceChildren(whatIf.element)
    element.classList.add("with-side")
    whatIf.focus()
    return undefined
  }
  const closeWhatIf = (): void => {
    whatIf?.close()
    whatIf = undefined
    element.querySelector(".side-panel")?.replaceChildren()
    element.classList.remove("with-side")
  }
  const showCourse = (isShown: boolean): void => {
    const [run] = scene?.runs ?? []
    if (run !== undefined && (run.iteration !== undefined) !== isShown) open([withCourse(run, isShown)], true)
  }
  const foldPanel = (): void => void element.classList.toggle("without-panel")

  const commands = commandList({
    ...navigation,
    whole: () => timeline.moveTo(navigation.bounds()),
    clear: () => set({ selection: undefined, area: undefined }),
    search: () => header.focusSearch(),
    filter: () => filterInput.focus(),
    showTab: (tab) => () => set({ tab }),
    togglePath,
    foldPanel,
    switchGround: () => {
      switchGround()
      redraw()
    },
    openWhatIf,
    askForFile: options.askForFile,
    copyAddress: () => void copyAddress(),
    goHome: options.goHome
  })

  const copyAddress = async (): Promise<void> => {
    writeAddress()
    try {
      await navigator.clipboard.writeText(location.href)
      header.say("The address is on the clipboard")
    } catch {
      header.say("The browser does not allow copying; the address bar has it", true)
    }
  }

  // ------------------------------------------------------------------------------------------------------------- parts

  const header = makeHeader({
    commands,
    hasHome: options.goHome !== undefined,
    search: navigation.search,
    cycle: navigation.cycle,
    toggleKind: navigation.toggleKind
  })
  const filterInput = h("input", {
    type: "search",
    class: "filter",
    placeholder: "Filter tracks",
    "aria-label": "Filter tracks by name",
    autocomplete: "off",
    spellcheck: "false",
    oninput: () => set({ filter: filterInput.value })
  })
  filterInput.addEventListener("keydown", (event) => {
    if (event.key === "Escape" || event.key === "Enter") filterInput.blur()
  })
  timeline.element.querySelector(".overview .corner")?.append(filterInput)
  const tabs = makeTabs(tabNames, (tab) => set({ tab }), foldPanel)
  const element = h(
    "div",
    { class: "app" },
    header.element,
    header.status,
    h("main", {}, timeline.element, tabs.element),
    h("aside", { class: "side-panel", "aria-label": "What if" })
  )

  const drawPanel = (): void => {
    if (scene === undefined || view === undefined) return
    const panel = panelOf(scene, view, timeline, {
      navigation,
      set,
      path: currentPath,
      togglePath,
      compareWithFile: () => options.askForFile("compare"),
      endCompare: () => open(scene?.runs.slice(0, 1) ?? []),
      showCourse
    })
    tabs.show(view.tab, tabsOf(scene), panel)
  }
  const redraw = (): void => {
    if (scene !== undefined && view !== undefined) header.draw(scene, view)
    drawPanel()
    timeline.refresh()
  }
  onSystemGround(redraw)
  window.addEventListener("resize", () => {
    timeline.refresh()
    drawPanel()
  })

  listenToKeys({
    commands,
    isOpen: () => scene !== undefined && element.isConnected,
    pressTree: (event) =>
      view !== undefined &&
      pressTreeKey(event, timeline.rows().rows, {
        go: (row) => {
          set({ row: row.node.id })
          if (!row.isPinned) timeline.reveal(row.top, row.height)
          timeline.focusRow(row.node.id)
        },
        fold: (id) => set({ folded: toggled(view?.folded ?? new Set(), id) }),
        pin: (id) => set({ pinned: toggled(view?.pinned ?? new Set(), id) }),
        enter: (id) => {
          set({ row: id })
          navigation.selectFirst()
        }
      })
  })

  // ----------------------------------------------------------------------------------------------------------- address

  let written = ""
  const writeAddress = (): void => {
    window.clearTimeout(linkTimer)
    linkTimer = 0
    written = scene === undefined || view === undefined ? "" : writeLink(linkOf(scene, view))
    history.replaceState(null, "", written === "#v=1" ? location.pathname + location.search : written)
  }
  const readAddress = (): void => {
    if (scene === undefined || view === undefined) return
    const link = readLink(location.hash)
    set(viewOfLink(scene, link))
    filterInput.value = link.filter ?? ""
    if (link.search !== undefined) navigation.search(link.search)
    if (link.match !== undefined && link.match < navigation.matches()) set({ match: link.match })
    const metric = metrics.find((one) => one === link.requests?.metric)
    if (link.requests !== undefined && metric !== undefined) navigation.showRequests(metric, link.requests.range)
    else set({ requests: undefined })
    if ((link.showsPath ?? false) !== view.showsPath) togglePath()
    if (view.selection !== undefined)
      navigation.unfoldTo(trackOfHit(timeline.timeline(), scene.streams, view.selection))
  }
  window.addEventListener("hashchange", () => {
    if (location.hash !== written) readAddress()
  })

  /** Shows runs; `isSame` keeps how they are looked at, as after a change of the scenario. */
  const open = (runs: readonly Run[], isSame = false): void => {
    const before = isSame ? view : undefined
    const isCourse = isFirst && runs.length === 1 && readLink(location.hash).showsCourse === true
    scene = sceneOf(isCourse ? runs.map((run) => withCourse(run, true)) : runs)
    path = undefined
    navigation.forget()
    view = firstView(scene)
    timeline.setPath(new Set())
    timeline.setMatches([])
    if (before !== undefined) {
      const ids = new Set([...nodesOf(scene.tree)].map(({ id }) => id))
      const isKnown = (id: string): boolean => ids.has(id)
      view = {
        ...view,
        folded: new Set([...before.folded].filter(isKnown)),
        hidden: before.hidden,
        tab: before.tab,
        filter: before.filter
      }
    }
    if (runs.length > 1) view = { ...view, tab: "compare" }
    timeline.show(scene, view)
    if (!isSame && runs.length === 1) closeWhatIf()
    // The address was written for what the page was opened with, and for nothing that came later.
    if (isFirst) readAddress()
    isFirst = false
    header.draw(scene, view)
    header.drawSearch(view, navigation.matches())
    drawPanel()
  }

  applyTheme()
  return {
    element,
    open,
    say: header.say,
    lastFrame: () => timeline.frameTimes().at(-1) ?? Number.NaN,
    probe: () =>
      scene === undefined || view === undefined
        ? undefined
        : {
            ...pictureOf(scene, view, timeline),
            matches: navigation.matches(),
            path: currentPath(),
            commands: commands.map(({ id, name }) => ({ id, name }))
          }
  }
}

const toggled = (ids: ReadonlySet<string>, id: string): ReadonlySet<string> => {
  const next = new Set(ids)
  if (!next.delete(id)) next.add(id)
  return next
}
