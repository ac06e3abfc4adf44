import { useQueryClient } from "@tanstack/react-query"
import type { Delivery, Webhook } from "@twolane/protocol"
import { useState } from "react"
import { client } from "../../client.ts"
import { Button } from "../../ui/button.tsx"
import { Fold } from "../../ui/fold.tsx"
import { FormDialog } from "../../ui/form-dialog.tsx"
import { Time } from "../../ui/time.tsx"
import { sayDone } from "../../ui/toasts.tsx"
import { useAct } from "../../ui/use-act.ts"
import { visible } from "../../ui/visible.ts"
import { countWords } from "../../ui/words.ts"
import { deliveriesOf } from "./deliveries.ts"
import { DeliveryLog } from "./delivery-log.tsx"
import { TryLine } from "./delivery-row.tsx"

type HookCardProps = { hook: Webhook; onSecret: (secret: string) => void; onChange: () => Promise<void> }

/** One webhook: what it hears, how it does, what was sent, and what can be done with it. */
export const HookCard = ({ hook, onSecret, onChange }: HookCardProps) => {
  const { id, url, description } = hook
  const { busy, act } = useAct()
  const [asking, setAsking] = useState<"rotate" | "remove" | null>(null)
  const [tested, setTested] = useState<Delivery | null>(null)
  const queries = useQueryClient()
  const test = () =>
    void act(`Trying ${url}`, async () => {
      setTested(await client.testWebhook(id))
      await Promise.all([onChange(), queries.invalidateQueries(deliveriesOf(id))])
    })
  const rotate = () =>
    act(`Rotating the secret of ${url}`, async () => onSecret((await client.rotateWebhook(id)).secret))
  const remove = () =>
    act(`Removing ${url}`, async () => {
      await client.removeWebhook(id)
      sayDone("The webhook is removed")
      await onChange()
    })
  return (
    <li data-webhook={id} className="rounded-lg border border-line bg-surface p-4">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-2">
        <div className="mr-auto min-w-0 flex-1 basis-72">
          <h2 className="break-all font-mono font-semibold">{url}</h2>
          {description !== undefined && <p className="break-words">{visible(description)}</p>}
        </div>
        <div className="flex flex-wrap gap-2">
          <Button size="small" busy={busy} aria-label={`Send a test to ${url}`} onClick={test}>
            Send a test
          </Button>
          <Button size="small" aria-label={`Rotate secret of ${url}`} onClick={() => setAsking("rotate")}>
            Rotate secret
          </Button>
          <Button size="small" look="danger" aria-label={`Remove ${url}`} onClick={() => setAsking("remove")}>
            Remove
          </Button>
        </div>
      </div>
      <Heard hook={hook} />
      <Health hook={hook} />
      <div aria-live="polite" className="mt-2 empty:hidden">
        {tested !== null && <TestResult delivery={tested} />}
      </div>
      <div className="mt-3 border-line border-t pt-2">
        <Fold summary={<span className="font-medium">What was sent</span>}>
          {() => <DeliveryLog hook={id} onReplayed={onChange} />}
        </Fold>
      </div>
      {asking !== null && (
        <Question
          what={asking}
          url={url}
          busy={busy}
          onDo={() => void (asking === "rotate" ? rotate() : remove()).then(done => done && setAsking(null))}
          onClose={() => setAsking(null)}
        />
      )}
    </li>
  )
}

const Heard = ({ hook: { events, repos, labels, createdAt, createdBy } }: { hook: Webhook }) => (
  <p className="mt-2 break-words text-muted">
    Hears {events === undefined ? "every event" : <Names names={events} />}
    {repos !== undefined && (
      <>
        {" "}
        of <Names names={repos} />
      </>
    )}
    {labels !== undefined && (
      <>
        {" "}
        labelled <Names names={labels} />
      </>
    )}
    <span className="text-faint text-sm">
      {" "}
      · made <Time at={createdAt} /> by {createdBy.name}
    </span>
  </p>
)

const Names = ({ names }: { names: readonly string[] }) =>
  names.map((name, index) => (
    <span key={name}>
      {index > 0 && ", "}
      <span className="font-mono text-ink text-sm">{visible(name)}</span>
    </span>
  ))

const Health = ({ hook }: { hook: Webhook }) => {
  const { disabledAt, disabledBecause = "", waiting = 0, failuresInRow = 0 } = hook
  if (disabledAt !== undefined)
    return (
      <p className="mt-2 rounded-md bg-warn-soft px-2.5 py-1.5 text-warn">
        Nothing is sent any more since <Time at={disabledAt} />: {disabledBecause}. Remove it, and add it anew
        when its receiver is back.
      </p>
    )
  if (waiting === 0 && failuresInRow === 0) return null
  return (
    <p className={`mt-2 ${failuresInRow > 0 ? "text-warn" : "text-muted"}`}>
      {failuresInRow > 0 && `The last ${failuresInRow === 1 ? "try" : `${failuresInRow} tries`} failed. `}
      {waiting > 0 && `${countWords(waiting, "message")} ${waiting === 1 ? "waits" : "wait"} to be sent.`}
    </p>
  )
}

const TestResult = ({ delivery: { status, tries } }: { delivery: Delivery }) => {
  const last = tries.at(-1)
  return (
    <p className={status === "delivered" ? "text-good" : "text-bad"}>
      {status === "delivered" ? "✓ The receiver took the test message" : "✗ The test message was not taken"}
      {last !== undefined && (
        <>
          : <TryLine tried={last} />
        </>
      )}
    </p>
  )
}

type QuestionProps = {
  what: "rotate" | "remove"
  url: string
  busy: boolean
  onDo: () => void
  onClose: () => void
}

const questions = {
  rotate: {
    title: "Make a new secret?",
    does: "Make a new secret",
    look: "primary",
    says: "It is shown once. The one before signs along for a day, so that the receiver can change over without missing a message.",
  },
  remove: {
    title: "Remove this webhook?",
    does: "Remove",
    look: "danger",
    says: "Nothing more is sent to it, also not what waits now. What was sent is forgotten.",
  },
} as const

const Question = ({ what, url, ...form }: QuestionProps) => {
  const { says, ...question } = questions[what]
  return (
    <FormDialog {...question} {...form}>
      <p className="break-all font-mono text-sm">{url}</p>
      <p>{says}</p>
    </FormDialog>
  )
}
