import { Link } from "@tanstack/react-router"
import type { AuditRecord } from "@twolane/protocol"
import type { ReactNode } from "react"
import { Fold } from "../../ui/fold.tsx"
import { Time } from "../../ui/time.tsx"
import { visible, visibleName } from "../../ui/visible.ts"
import { exactWords } from "../../ui/words.ts"
import type { AuditSearch } from "./search.ts"

type AuditRowProps = { record: AuditRecord; onNarrow: (more: AuditSearch) => void }

/** One act, on one line; it opens to all that its record says. */
export const AuditRow = ({ record, onNarrow }: AuditRowProps) => (
  <li data-seq={record.seq} className="px-4 py-2">
    <Fold summary={<Summary record={record} />}>{() => <Details record={record} onNarrow={onNarrow} />}</Fold>
  </li>
)

const Summary = ({ record: { at, action, by, object, detail = {} } }: { record: AuditRecord }) => (
  <span className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-3">
    <span className="font-medium">{action}</span>
    <span className="min-w-0 break-all text-muted">
      {object.kind} <span className="font-mono text-sm">{visibleName(object.id)}</span>
    </span>
    {typeof detail.refused === "string" && (
      <span className="rounded bg-warn-soft px-1.5 text-sm text-warn">
        refused: {visible(detail.refused)}
      </span>
    )}
    <span className="ml-auto flex items-baseline gap-3 whitespace-nowrap">
      <span className="text-muted">{visibleName(by.name)}</span>
      <span className="min-w-20 text-right text-faint text-sm">
        <Time at={at} />
      </span>
    </span>
  </span>
)

const Details = ({ record, onNarrow }: AuditRowProps) => {
  const { seq, at, by, from, object, detail = {}, request, mac, action } = record
  const facts: [string, string | undefined][] = [
    ["Record", `#${seq}`],
    ["When", exactWords(at)],
    ["Key", by.key],
    ["Came by", [from.via, from.origin].filter(Boolean).join(", ")],
    ["Address", from.address],
    ["A proxy says", from.forwarded],
    ["Program", from.agent],
    ...Object.entries(detail).map(([name, value]): [string, string] => [name, valueWords(value)]),
    ["Request", request],
    ["Seal", mac],
  ]
  return (
    <div className="pb-2 pl-5">
      <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-0.5 text-sm">
        {facts.map(([name, value]) =>
          value === undefined || value === "" ? null : (
            <div key={name} className="contents">
              <dt className="text-faint">{name}</dt>
              <dd className="break-all">{visible(value)}</dd>
            </div>
          ),
        )}
      </dl>
      <p className="mt-1.5 flex flex-wrap gap-x-4 text-sm">
        <Narrow onClick={() => onNarrow({ by: by.key })}>Only by {visibleName(by.name)}</Narrow>
        <Narrow onClick={() => onNarrow({ object: object.id })}>Only on this {object.kind}</Narrow>
        <Narrow onClick={() => onNarrow({ action })}>Only {action}</Narrow>
        {object.kind === "task" && (
          <Link to="/tasks/$task" params={{ task: object.id }} className="text-accent hover:underline">
            Open the task
          </Link>
        )}
      </p>
    </div>
  )
}

const Narrow = ({ onClick, children }: { onClick: () => void; children: ReactNode }) => (
  <button type="button" onClick={onClick} className="text-accent hover:underline">
    {children}
  </button>
)

const valueWords = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value))
