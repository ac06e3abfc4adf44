import { Link } from "@tanstack/react-router"
import type { Delivery, WebhookTry } from "@twolane/protocol"
import { useCallback } from "react"
import { client } from "../../client.ts"
import { Button } from "../../ui/button.tsx"
import { useWordsAt } from "../../ui/clock.ts"
import { Fold } from "../../ui/fold.tsx"
import { Time } from "../../ui/time.tsx"
import { useAct } from "../../ui/use-act.ts"
import { visible } from "../../ui/visible.ts"
import { clockWords, durationWords, exactWords } from "../../ui/words.ts"

const looks = {
  waiting: { words: "waits", ink: "text-muted", sign: "…" },
  delivered: { words: "delivered", ink: "text-good", sign: "✓" },
  failed: { words: "failed", ink: "text-bad", sign: "✗" },
} as const

type DeliveryRowProps = { hook: string; delivery: Delivery; onReplayed: () => Promise<void> }

/** One message to a receiver, on one line; it opens to its tries. */
export const DeliveryRow = ({ hook, delivery, onReplayed }: DeliveryRowProps) => {
  const { id, type, task } = delivery
  const { busy, act } = useAct()
  const replay = () =>
    void act(`Sending ${type} again`, async () => {
      await client.replayDelivery(hook, id)
      await onReplayed()
    })
  return (
    <li data-delivery={id} className="flex items-start gap-3 py-1.5">
      <div className="min-w-0 flex-1">
        <Fold summary={<Summary delivery={delivery} />}>{() => <Tries delivery={delivery} />}</Fold>
      </div>
      {task !== undefined && (
        <Link
          to="/tasks/$task"
          params={{ task }}
          aria-label={`Open the task of this ${type}`}
          className="py-0.5 text-accent text-sm hover:underline"
        >
          Task
        </Link>
      )}
      <Button
        size="small"
        busy={busy}
        disabled={delivery.status === "waiting"}
        aria-label={`Send again: ${type}`}
        title="With the id that it has: a receiver knows one that it has seen"
        onClick={replay}
      >
        Send again
      </Button>
    </li>
  )
}

const Summary = ({ delivery: { type, status, createdAt, nextAt, tries } }: { delivery: Delivery }) => {
  const { words, ink, sign } = looks[status]
  const last = tries.at(-1)
  return (
    <span className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-3">
      <span className="font-mono text-sm">{type}</span>
      <span className={`whitespace-nowrap text-sm ${ink}`}>
        <span aria-hidden="true">{sign}</span> {words}
        {nextAt !== undefined && <NextTry at={nextAt} />}
      </span>
      {last?.error !== undefined && (
        <span className="min-w-0 break-words text-muted text-sm">{visible(last.error)}</span>
      )}
      <span className="ml-auto whitespace-nowrap text-faint text-sm">
        <Time at={createdAt} />
      </span>
    </span>
  )
}

const NextTry = ({ at }: { at: number }) => {
  const words = useWordsAt(
    useCallback(
      now => (at <= now ? ", is tried again" : `, is tried again in ${clockWords(at - now)}`),
      [at],
    ),
  )
  return <span title={exactWords(at)}>{words}</span>
}

const Tries = ({ delivery: { id, tries } }: { delivery: Delivery }) => (
  <div className="pb-1 pl-5 text-sm">
    <p className="break-all text-faint">
      webhook-id <span className="font-mono">{id}</span>
    </p>
    {tries.length === 0 && <p className="text-muted">It was not tried yet.</p>}
    <ol>
      {tries.map(tried => (
        <li key={tried.at} className="text-muted">
          <Time at={tried.at} />: <TryLine tried={tried} />
        </li>
      ))}
    </ol>
  </div>
)

/** What came of a try, and after how long. */
export const TryLine = ({ tried: { status, error, durationMs } }: { tried: WebhookTry }) => (
  <span className="break-words">
    {error === undefined ? `answered ${status ?? ""}` : visible(error)} after {durationWords(durationMs)}
  </span>
)
