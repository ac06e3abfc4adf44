import { useVirtualizer } from "@tanstack/react-virtual"
import { useEffect, useLayoutEffect, useRef, useState } from "react"
import { useRowCursor } from "../../lists/use-row-cursor.ts"
import { Empty } from "../../ui/empty.tsx"
import { ProblemNote } from "../../ui/problem-note.tsx"
import { type Filter, isWhole } from "./filter.ts"
import { GroupHeader } from "./group-header.tsx"
import { type ListItem, useListItems } from "./list-items.ts"
import { TaskRow } from "./task-row.tsx"
import { useEndedTasks } from "./use-ended-tasks.ts"
import { useNarrow } from "./use-narrow.ts"

const heights = { group: 36, wide: 40, narrow: 62 } as const
/** More ended tasks are loaded when so many rows are left below. */
const loadAheadRows = 30

/** What runs, waits and has ended, as one list of any length: only the rows in sight are there. */
export const TaskList = ({ filter, onClear }: { filter: Filter; onClear: () => void }) => {
  const narrow = useNarrow()
  const ended = useEndedTasks(filter)
  const items = useListItems(filter)
  const list = useRef<HTMLDivElement>(null)
  const [margin, setMargin] = useState(0)
  useLayoutEffect(() => {
    // What stands above the list may grow and shrink.
    const measure = () => setMargin(list.current?.offsetTop ?? 0)
    const observer = new ResizeObserver(measure)
    if (list.current?.parentElement != null) observer.observe(list.current.parentElement)
    measure()
    return () => observer.disconnect()
  }, [])
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => document.getElementById("view"),
    getItemKey: index => items[index]?.key ?? index,
    estimateSize: index =>
      items[index]?.kind === "group" ? heights.group : narrow ? heights.narrow : heights.wide,
    scrollMargin: margin,
    overscan: 12,
  })
  const rows = virtual.getVirtualItems()
  const lastShown = rows.at(-1)?.index ?? 0
  const { more, loading, loadMore } = ended
  useEffect(() => {
    if (more && !loading && lastShown >= items.length - loadAheadRows) loadMore()
  }, [more, loading, loadMore, lastShown, items.length])
  const cursor = useRowCursor({
    keys: items.map(item => (item.kind === "task" ? item.id : null)),
    scrollTo: index => virtual.scrollToIndex(index, { align: "auto" }),
  })
  return (
    <div className="mt-3 overflow-clip rounded-lg border border-line bg-surface" ref={list}>
      {/* biome-ignore lint/a11y/useSemanticElements: rows stand in a box of their own height, each at its place */}
      <div role="list" aria-label="Tasks" className="relative" style={{ height: virtual.getTotalSize() }}>
        {rows.map(row => {
          const item = items[row.index]
          if (item === undefined) return null
          return (
            // biome-ignore lint/a11y/useSemanticElements: as above
            <div
              key={row.key}
              role="listitem"
              className="absolute inset-x-0 top-0"
              style={{ height: row.size, transform: `translateY(${row.start - margin}px)` }}
            >
              <Item item={item} current={cursor} />
            </div>
          )
        })}
      </div>
      {ended.error !== null && <ProblemNote error={ended.error} onRetry={loadMore} />}
      <ListEnd items={items} filter={filter} ended={ended} onClear={onClear} />
    </div>
  )
}

const Item = ({ item, current }: { item: ListItem; current: string | null }) =>
  item.kind === "group" ? (
    <GroupHeader bucket={item.bucket} count={item.count} />
  ) : (
    <TaskRow id={item.id} current={item.id === current} />
  )

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
  return (
    <Empty title="Nothing has been asked yet">
      Give an agent its first task: <code className="font-mono text-ink">npx twolane ask "…"</code> for one
      scoped change now, <code className="font-mono text-ink">npx twolane run "…"</code> to hand a larger one
      off.
    </Empty>
  )
}
