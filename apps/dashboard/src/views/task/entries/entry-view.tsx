import { memo, type ReactNode } from "react"
import { WithTitles } from "../../../tasks/task-title.tsx"
import { LaneName } from "../../../ui/lane.tsx"
import { Prose } from "../../../ui/prose.tsx"
import { outcomeWords, Status } from "../../../ui/status.tsx"
import { Time } from "../../../ui/time.tsx"
import { visible, visibleName } from "../../../ui/visible.ts"
import { countWords } from "../../../ui/words.ts"
import type { Entry } from "../timeline/entries.ts"
import { CancelEntry } from "./cancel-entry.tsx"
import { GateEntry } from "./gate-entry.tsx"
import { HandoffEntry } from "./handoff-entry.tsx"
import { PatchEntry } from "./patch-entry.tsx"
import { PlanEntry } from "./plan-entry.tsx"
import { SteerEntry } from "./steer-entry.tsx"
import { TestsEntry } from "./tests-entry.tsx"
import { ToolEntry } from "./tool-entry.tsx"
import { TripEntry } from "./trip-entry.tsx"

/** One entry of the conversation. */
export const EntryView = memo(({ entry, task }: { entry: Entry; task: string }) => {
  switch (entry.kind) {
    case "prompt":
      return <PromptEntry {...entry} />
    case "message":
      return (
        <div data-entry="message" data-live={entry.live || undefined} className="max-w-[80ch]">
          <Prose text={entry.live && startsInMiddle(entry.text) ? `… ${entry.text}` : entry.text} />
          {entry.live && (
            <span
              aria-hidden="true"
              className="inline-block h-4 w-1.5 animate-pulse bg-accent align-text-bottom"
            />
          )}
        </div>
      )
    case "tool":
      return isToldElsewhere(entry) ? null : <ToolEntry entry={entry} />
    case "plan":
      return <PlanEntry {...entry} />
    case "patch":
      return <PatchEntry entry={entry} />
    case "trip":
      return <TripEntry {...entry} />
    case "tests":
      return <TestsEntry entry={entry} />
    case "steer":
      return <SteerEntry {...entry} />
    case "cancel":
      return <CancelEntry entry={entry} />
    case "gate":
      return <GateEntry entry={entry} task={task} />
    case "handoff":
      return <HandoffEntry entry={entry} />
    case "note":
      return (
        <Line at={entry.at}>
          <span className={entry.tone === "warn" ? "text-warn" : ""}>
            <WithTitles text={entry.text} links />
          </span>
        </Line>
      )
    case "link":
      return (
        <Line at={entry.at}>
          {entry.text}: <OutsideLink url={entry.url} />
        </Line>
      )
    case "ended":
      return <EndedEntry {...entry} />
  }
})

/** Text is live only: who comes while it is written sees it from there on. */
const startsInMiddle = (text: string): boolean => /^[\s\p{Ll},.;:)]/u.test(text)

/** A plan and a patch that went well have entries of their own. */
const isToldElsewhere = ({ tool, end }: Extract<Entry, { kind: "tool" }>): boolean =>
  end?.ok === true && (tool === "update_plan" || tool === "apply_patch")

const PromptEntry = ({ lane, prompt, by, at }: Extract<Entry, { kind: "prompt" }>) => (
  <section
    aria-label="Prompt"
    data-entry="prompt"
    className={`rounded-lg border border-line border-l-2 bg-surface p-3.5 ${lane === "fast" ? "border-l-fast" : "border-l-deep"}`}
  >
    <div className="mb-1.5 flex items-center gap-2.5 text-sm">
      <LaneName lane={lane} />
      <span className="text-muted">{visibleName(by.name)}</span>
      <span className="ml-auto text-faint">
        <Time at={at} />
      </span>
    </div>
    <p dir="auto" className="max-h-[50vh] overflow-y-auto whitespace-pre-wrap break-words">
      {visible(prompt)}
    </p>
  </section>
)

const EndedEntry = ({ outcome, usage, at }: Extract<Entry, { kind: "ended" }>) => {
  const detail = outcomeWords(outcome)
  return (
    <div data-entry="ended" className="flex flex-wrap items-center gap-x-3 border-line border-t pt-2.5">
      <span className="font-medium">
        <Status status={outcome.status} />
      </span>
      {detail !== "" && (
        <span className="min-w-0 break-words text-muted">
          <WithTitles text={detail} links />
        </span>
      )}
      <span className="ml-auto text-faint text-sm tabular-nums">
        {countWords(usage.steps, "step")} · {usage.inputTokens.toLocaleString()} in (
        {usage.cachedTokens.toLocaleString()} cached), {usage.outputTokens.toLocaleString()} out
        {usage.costUsd !== null && ` · $${usage.costUsd.toFixed(4)}`} · <Time at={at} />
      </span>
    </div>
  )
}

/** A quiet line with its time. */
const Line = ({ at, children }: { at: number; children: ReactNode }) => (
  <p data-entry="note" className="flex items-baseline gap-3 text-muted text-sm">
    <span className="min-w-0 break-words">{children}</span>
    <span className="ml-auto shrink-0 text-faint">
      <Time at={at} />
    </span>
  </p>
)

/** A link to elsewhere: only `https:` is one, everything else stays text. */
const OutsideLink = ({ url }: { url: string }) =>
  url.startsWith("https://") ? (
    <a href={url} target="_blank" rel="noopener noreferrer" className="text-accent underline">
      {url}
    </a>
  ) : (
    <span>{url}</span>
  )
