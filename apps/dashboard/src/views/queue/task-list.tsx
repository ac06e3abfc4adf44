import { useNavigate } from "@tanstack/react-router"
import { useVirtualizer } from "@tanstack/react-virtual"
import { type CSSProperties, type MouseEvent, useEffect, useRef, useState } from "react"
import { useRowCursor } from "../../lists/use-row-cursor.ts"
import { useLive } from "../../live/use-live.ts"
import { useStore } from "../../store.ts"
import { Empty } from "../../ui/empty.tsx"
import { ProblemNote } from "../../ui/problem-note.tsx"
import { type Filter, isWhole } from "./filter.ts"
import { GroupHeader } from "./group-header.tsx"
import { type ListItem, useListItems } from "./list-items.ts"
import { NothingAsked } from "./nothing-asked.tsx"
import { TaskRow } from "./task-row.tsx"
import { useEndedTasks } from "./use-ended-tasks.ts"
import { useNarrow } from "./use-narrow.ts"
import { useWaitingTasks } from "./use-waiting-tasks.ts"

/** What mostly stands above the list, until it is measured: with a good guess the first rows are made once. */
const usualMargin = 215
/** The shell's, on a wide screen. */
const headerHeight = 48
/** In pixels, and as classes: what comes drawn must have no style of its own. */
const heights = { group: 36, wide: 40, narrow: 84 } as const
const heightClasses = { group: "h-9", wide: "h-10", narrow: "h-21" } as const
/** Where there is no window to ask: a usual one's. */
const usualScreen = { innerWidth: 1_440, innerHeight: 900 }

const screenRect = () => {
  const { innerWidth, innerHeight } = import.meta.env.SSR ? usualScreen : window
  return { width: innerWidth, height: innerHeight - headerHeight }
}
/** More tasks are loaded when so many rows are left below. */
const loadAheadRows = 30

/** What runs, waits and has ended, as one list of any length: only the rows in sight are there. */
export const TaskList = ({ filter, onClear }: { filter: Filter; onClear: () => void }) => {
  const narrow = useNarrow()
  const ended = useEndedTasks(filter)
  const waiting = useWaitingTasks()
  const whole = isWhole(filter)
  const items = useListItems(filter, waiting.upTo)
  const list = useRef<HTMLDivElement>(null)
  const [margin, setMargin] = useState(usualMargin)
  useEffect(() => {
    // What stands above the list may grow and shrink. It is told after the browser's own layout, and makes none of its own.
    const observer = new ResizeObserver(() => setMargin(list.current?.offsetTop ?? 0))
    if (list.current?.parentElement != null) observer.observe(list.current.parentElement)
    return () => observer.disconnect()
  }, [])
  // What came with the page is seen before more is made or asked for.
  const settled = useStore(useLive().loading).state !== "loading"
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => document.getElementById("view"),
    getItemKey: index => items[index]?.key ?? index,
    estimateSize: index => heights[shapeOf(items[index], narrow)],
    scrollMargin: margin,
    initialRect: screenRect(),
    // Those out of sight are made once those in sight are seen.
    overscan: settled ? 6 : 0,
  })
  const navigate = useNavigate()
  const open = (event: MouseEvent) => {
    const task =
      event.target instanceof Element && event.target.closest<HTMLElement>("[data-row]")?.dataset.row
    if (!task || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
      return
    event.preventDefault()
    void navigate({ to: "/tasks/$task", params: { task } })
  }
  const rows = virtual.getVirtualItems()
  const lastShown = rows.at(-1)?.index ?? 0
  useLoadAhead(ended, settled ? lastShown : 0, items.length)
  useLoadAhead(waiting, settled ? lastShown : 0, whole ? items.findIndex(({ kind }) => kind === "more") : -1)
  const cursor = useRowCursor({
    keys: items.map(item => (item.kind === "task" ? item.id : null)),
    scrollTo: index => virtual.scrollToIndex(index, { align: "auto" }),
  })
  return (
    <div className="mt-3 overflow-clip rounded-lg border border-line bg-surface" ref={list}>
      {/* biome-ignore lint/a11y/useSemanticElements: rows stand in a box of their own height, each at its place */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: rows are links, and Enter on one is a click */}
      <div role="list" aria-label="Tasks" {...placed({ height: virtual.getTotalSize() })} onClick={open}>
        <div {...placed({ transform: `translateY(${(rows[0]?.start ?? margin) - margin}px)` })}>
          {rows.map(row => {
            const item = items[row.index]
            if (item === undefined) return null
            return (
              // biome-ignore lint/a11y/useSemanticElements: as above
              <div key={row.key} role="listitem" className={heightClasses[shapeOf(item, narrow)]}>
                <Item item={item} current={cursor} narrow={narrow} filtered={!whole} />
              </div>
            )
          })}
        </div>
      </div>
      {ended.error !== null && <ProblemNote error={ended.error} onRetry={ended.loadMore} />}
      <ListEnd items={items} filter={filter} ended={ended} onClear={onClear} />
    </div>
  )
}

const shapeOf = (item: ListItem | undefined, narrow: boolean): keyof typeof heights =>
  item?.kind !== "task" ? "group" : narrow ? "narrow" : "wide"

/** Where the rows in sight stand in a list of its whole length; as they come drawn they are all there is. */
const placed = (style: CSSProperties): { style?: CSSProperties } => (import.meta.env.SSR ? {} : { style })

type Loading = { more: boolean; loading: boolean; loadMore: () => void }

/** Loads more when the rows in sight come near to where the loaded ones end; -1 when they end nowhere. */
const useLoadAhead = ({ more, loading, loadMore }: Loading, lastShown: number, end: number): void => {
  const near = end !== -1 && lastShown >= end - loadAheadRows
  useEffect(() => {
    if (near && more && !loading) loadMore()
  }, [near, more, loading, loadMore])
}

type ItemProps = { item: ListItem; current: string | null; narrow: boolean; filtered: boolean }

const Item = ({ item, current, narrow, filtered }: ItemProps) => {
  switch (item.kind) {
    case "group":
      return <GroupHeader bucket={item.bucket} count={item.count} filtered={filtered} />
    case "more":
      return <p className="p-2.5 text-center text-faint text-sm">Loading more that wait…</p>
    case "task":
      return <TaskRow id={item.id} current={item.id === current} narrow={narrow} />
  }
}

type ListEndProps = {
  items: readonly ListItem[]
  filter: Filter
  ended: { loading: boolean; more: boolean }
  onClear: () => void
}

const ListEnd = ({ items, filter, ended, onClear }: ListEndProps) => {
  if (ended.loading) return <p className="p-3 text-center text-faint text-sm">Loading more…</p>
  if (items.length > 0 || ended.more) return null
  if (!isWhole(filter))
    return (
      <Empty title="No task is like that">
        Text is looked for in the newest 10,000 tasks.{" "}
        <button type="button" className="text-accent underline" onClick={onClear}>
          Show all tasks
        </button>
      </Empty>
    )
  return <NothingAsked />
}
