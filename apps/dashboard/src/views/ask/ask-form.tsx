import { useNavigate, useSearch } from "@tanstack/react-router"
import { useEffect, useRef, useState } from "react"
import { KeyLabel } from "../../keys/key-label.tsx"
import { Button } from "../../ui/button.tsx"
import { Field, fieldLook, SelectField } from "../../ui/field.tsx"
import { sayWarning } from "../../ui/toasts.tsx"
import { useAct } from "../../ui/use-act.ts"
import { visibleNames } from "../../ui/visible.ts"
import { type Draft, emptyDraft, keepDraft, keptDraft } from "./draft.ts"
import { LaneChoice } from "./lane-choice.tsx"
import { MoreOptions } from "./more-options.tsx"
import { submitDraft } from "./submit.ts"

/** What is asked, of which repo, in which lane. */
export const AskForm = ({ repos }: { repos: readonly string[] }) => {
  const { draft, change, sent } = useDraft(repos)
  const { busy, act } = useAct()
  const navigate = useNavigate()
  // One ask acts once, however often its button is pressed; another text is another ask.
  const key = useRef({ of: "", key: "" })
  const submit = () =>
    void act("Asking", async () => {
      const of = JSON.stringify(draft)
      if (key.current.of !== of) key.current = { of, key: crypto.randomUUID() }
      const { task, overlaps } = await submitDraft(draft, key.current.key)
      sent()
      for (const { title, paths } of overlaps)
        sayWarning("Another task works on the same files", overlapWords(title, paths))
      await navigate({ to: "/tasks/$task", params: { task } })
    })
  // Whoever comes here wants to type; on a phone that would open the keyboard over the form.
  const text = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    if (window.matchMedia("(pointer: fine)").matches) text.current?.focus()
  }, [])
  const ready = draft.prompt.trim() !== "" && draft.repo !== ""
  return (
    <form
      className="space-y-5"
      onSubmit={event => {
        event.preventDefault()
        if (ready && !busy) submit()
      }}
      onKeyDown={event => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit()
      }}
    >
      <LaneChoice value={draft.lane} onChange={lane => change({ lane })} />
      <SelectField
        label="Repo"
        value={draft.repo}
        options={repos.map(name => [name, name])}
        onChange={repo => change({ repo })}
      />
      <Field
        label="What is to change"
        hint="Name the files if you know them: the fast lane begins with what they hold."
      >
        {tie => (
          <textarea
            {...tie}
            ref={text}
            rows={7}
            value={draft.prompt}
            onChange={event => change({ prompt: event.target.value })}
            className={`${fieldLook} field-sizing-content max-h-[50vh] min-h-32 resize-y py-2`}
          />
        )}
      </Field>
      <MoreOptions draft={draft} onChange={change} />
      <div className="flex items-center gap-3">
        <Button type="submit" look="primary" busy={busy} disabled={!ready}>
          {busy ? "Asking…" : "Ask"}
        </Button>
        <span className="text-faint text-sm max-sm:hidden">
          <KeyLabel keys="mod+Enter" />
        </span>
      </div>
    </form>
  )
}

const overlapWords = (title: string, paths: readonly string[]): string =>
  `“${title}” touches ${visibleNames(paths)}`

/** The draft of this tab; what the address says goes over it, so that an ask can be prepared by a link. */
const useDraft = (repos: readonly string[]) => {
  const prepared = useSearch({ from: "/shell/ask" })
  const [draft, setDraft] = useState<Draft>(() => {
    const wanted = { ...keptDraft(), ...prepared }
    return { ...wanted, repo: repos.includes(wanted.repo) ? wanted.repo : (repos[0] ?? "") }
  })
  useEffect(() => keepDraft(draft), [draft])
  return {
    draft,
    change: (change: Partial<Draft>) => setDraft(before => ({ ...before, ...change })),
    // The repo and the lane mostly stay the same for the next one.
    sent: () => setDraft(({ repo, lane }) => ({ ...emptyDraft, repo, lane })),
  }
}
