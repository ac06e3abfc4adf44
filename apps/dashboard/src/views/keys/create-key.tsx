import type { Key, Role } from "@twolane/protocol"
import { useState } from "react"
import { client } from "../../client.ts"
import { dayEnd } from "../../ui/days.ts"
import { Field, fieldLook } from "../../ui/field.tsx"
import { FormDialog } from "../../ui/form-dialog.tsx"
import { useAct } from "../../ui/use-act.ts"

const may: Record<Role, string> = {
  viewer: "reads everything, changes nothing",
  member: "also works with tasks: asks, steers, answers gates, accepts",
  admin: "also sees to repos, keys, the queue and the audit log",
}

const roles = ["viewer", "member", "admin"] as const satisfies readonly Role[]

type CreateKeyProps = { onMade: (key: Key & { secret: string }) => void; onClose: () => void }

/** Makes a key for a person or a program. */
export const CreateKey = ({ onMade, onClose }: CreateKeyProps) => {
  const { busy, act } = useAct()
  const [name, setName] = useState("")
  const [email, setEmail] = useState("")
  const [role, setRole] = useState<Role>("member")
  const [until, setUntil] = useState("")
  const create = () =>
    void act("Making the key", async () => {
      const expiresAt = dayEnd(until)
      onMade(
        await client.createKey({
          name,
          role,
          ...(email !== "" && { email }),
          ...(expiresAt !== undefined && { expiresAt }),
        }),
      )
    })
  return (
    <FormDialog title="Make a key" does="Make the key" busy={busy} onDo={create} onClose={onClose}>
      <Field label="Name" hint="Whose it is: it stands in commits, in the log and beside each task.">
        {tie => (
          <input
            {...tie}
            required
            maxLength={100}
            autoComplete="off"
            value={name}
            onChange={event => setName(event.target.value)}
            className={fieldLook}
          />
        )}
      </Field>
      <Field label="E-mail (optional)" hint="Commits name it as their author's.">
        {tie => (
          <input
            {...tie}
            type="email"
            maxLength={254}
            autoComplete="off"
            value={email}
            onChange={event => setEmail(event.target.value)}
            className={fieldLook}
          />
        )}
      </Field>
      <div className="flex flex-wrap gap-4">
        <Field label="Role" hint={may[role]}>
          {tie => (
            <select
              {...tie}
              value={role}
              onChange={event => setRole(roles.find(known => known === event.target.value) ?? role)}
              className={fieldLook}
            >
              {roles.map(option => (
                <option key={option}>{option}</option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Last day (optional)" hint="Without one it does not expire.">
          {tie => (
            <input
              {...tie}
              type="date"
              min={new Date().toLocaleDateString("sv")}
              value={until}
              onChange={event => setUntil(event.target.value)}
              className={fieldLook}
            />
          )}
        </Field>
      </div>
    </FormDialog>
  )
}
