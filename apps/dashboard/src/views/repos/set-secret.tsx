import { useState } from "react"
import { client } from "../../client.ts"
import { Field, fieldLook } from "../../ui/field.tsx"
import { FormDialog } from "../../ui/form-dialog.tsx"
import { sayDone } from "../../ui/toasts.tsx"
import { useAct } from "../../ui/use-act.ts"

type SetSecretProps = { repo: string; onClose: () => void; onDone: () => Promise<void> }

/** Sets a secret for a repo's setup. Its value goes in, and nothing shows it again. */
export const SetSecret = ({ repo, onClose, onDone }: SetSecretProps) => {
  const { busy, act } = useAct()
  const [name, setName] = useState("")
  const [value, setValue] = useState("")
  const set = async () => {
    if (!(await act(`Setting the secret ${name}`, () => client.setSecret(repo, name, value)))) return
    sayDone(`The secret ${name} is set`)
    await onDone()
  }
  return (
    <FormDialog
      title={`A secret of ${repo}`}
      does="Set it"
      busy={busy}
      onDo={() => void set()}
      onClose={onClose}
    >
      <Field label="Name" hint="The variable that the repo's setup sees, such as NPM_TOKEN.">
        {tie => (
          <input
            {...tie}
            required
            autoComplete="off"
            spellCheck={false}
            value={name}
            onChange={event => setName(event.target.value)}
            className={`${fieldLook} font-mono`}
          />
        )}
      </Field>
      <Field label="Value" hint="It replaces the one of the same name. It is never shown again.">
        {tie => (
          <textarea
            {...tie}
            required
            rows={3}
            autoComplete="off"
            spellCheck={false}
            value={value}
            onChange={event => setValue(event.target.value)}
            className={`${fieldLook} font-mono`}
          />
        )}
      </Field>
    </FormDialog>
  )
}
