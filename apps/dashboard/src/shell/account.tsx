import { useState } from "react"
import { useCommands } from "../keys/commands.ts"
import { signOut, useMe } from "../session/session.ts"
import { Button } from "../ui/button.tsx"
import { Dialog } from "../ui/dialog.tsx"
import { Time } from "../ui/time.tsx"
import { useAct } from "../ui/use-act.ts"

/** Who is signed in, and the ways out. */
export const Account = () => {
  const me = useMe()
  const [open, setOpen] = useState(false)
  const { busy, act } = useAct()
  const leave = (where: "here" | "everywhere") => void act("Signing out", () => signOut(where))
  useCommands([
    { id: "account", title: "Who am I", section: "Page", run: () => setOpen(true) },
    ...(me.session === null
      ? []
      : [{ id: "sign-out", title: "Sign out", section: "Page", run: () => leave("here") }]),
  ])
  return (
    <>
      <button
        type="button"
        onClick={() => setOpen(true)}
        aria-label={`Signed in as ${me.key.name}`}
        title={`${me.key.name}, ${me.role} of ${me.team}`}
        className="grid size-7 place-items-center rounded-full bg-sunken font-semibold text-muted text-sm uppercase hover:text-ink"
      >
        {me.key.name.slice(0, 1)}
      </button>
      {open && (
        <Dialog title={me.key.name} onClose={() => setOpen(false)}>
          <p className="text-muted">
            {me.key.email !== undefined && `${me.key.email}, `}
            {me.role} of the team {me.team}
            {me.session !== null && (
              <>
                , signed in <Time at={me.session.signedInAt} />
              </>
            )}
          </p>
          {me.session !== null && (
            <div className="mt-4 flex flex-wrap gap-2">
              <Button busy={busy} onClick={() => leave("here")}>
                Sign out
              </Button>
              <Button busy={busy} look="danger" onClick={() => leave("everywhere")}>
                Sign out in all browsers
              </Button>
            </div>
          )}
        </Dialog>
      )}
    </>
  )
}
