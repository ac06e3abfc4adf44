import type { AuditCheck, AuditHead } from "@twolane/protocol"
import { useState } from "react"
import { client } from "../../client.ts"
import { useCommands } from "../../keys/commands.ts"
import { Button } from "../../ui/button.tsx"
import { ShownOnce } from "../../ui/shown-once.tsx"
import { useAct } from "../../ui/use-act.ts"
import { countWords } from "../../ui/words.ts"
import { headText, readHead } from "./head.ts"

/** Proves on demand that the log is whole, also against a head that somebody kept elsewhere. */
export const AuditCheckPanel = () => {
  const { busy, act } = useAct()
  const [kept, setKept] = useState("")
  const [check, setCheck] = useState<AuditCheck | null>(null)
  const head = readHead(kept)
  const wrong = kept.trim() !== "" && head === null
  const verify = () =>
    void act("Verifying the log", async () => setCheck(await client.verifyAudit(head ?? undefined)))
  useCommands([
    { id: "audit-verify", title: "Verify the audit log", section: "Audit", keys: ["v"], run: verify },
  ])
  return (
    <section aria-label="Verify the log" className="mb-4">
      <form
        className="mb-3 flex flex-wrap items-center gap-2"
        onSubmit={event => {
          event.preventDefault()
          if (!wrong) verify()
        }}
      >
        <Button type="submit" look="primary" busy={busy} disabled={wrong} title="Verify the log (v)">
          Verify the log
        </Button>
        <input
          aria-label="A head that was kept elsewhere"
          aria-invalid={wrong}
          placeholder="against a head kept elsewhere (optional), as 12:seal"
          value={kept}
          onChange={event => setKept(event.target.value)}
          className="h-8 min-w-0 flex-1 basis-64 rounded-md border border-line-strong bg-surface px-2.5 font-mono text-sm placeholder:font-sans placeholder:text-faint aria-invalid:border-bad"
        />
        {wrong && <p className="w-full text-bad text-sm">A head is a number, a colon, and its seal.</p>}
      </form>
      <div aria-live="polite">
        {check !== null && <Result check={check} against={head} onPutAway={() => setCheck(null)} />}
      </div>
    </section>
  )
}

type ResultProps = { check: AuditCheck; against: AuditHead | null; onPutAway: () => void }

const Result = ({ check: { ok, from, head, problems }, against, onPutAway }: ResultProps) =>
  ok ? (
    <ShownOnce
      title={`The log is whole: ${countWords(Math.max(0, head.seq - from + 1), "record")}`}
      text={headText(head)}
      onPutAway={onPutAway}
    >
      {against !== null && "It goes on from the head that was kept. "}
      Keep this head elsewhere: given back here, it proves that nothing up to it was taken away.
    </ShownOnce>
  ) : (
    <div role="alert" className="mb-4 rounded-lg border border-line border-l-2 border-l-bad bg-surface p-4">
      <p className="font-semibold text-bad text-lg">The log is not whole</p>
      <ul className="mt-1 list-disc pl-5">
        {problems.map(({ seq, what }) => (
          <li key={`${seq} ${what}`}>
            Record #{seq}: {what}
          </li>
        ))}
      </ul>
      <Button className="mt-3" look="quiet" onClick={onPutAway}>
        Put away
      </Button>
    </div>
  )
