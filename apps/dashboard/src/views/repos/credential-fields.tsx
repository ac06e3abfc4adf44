import type { client } from "../../client.ts"
import { Field, fieldLook } from "../../ui/field.tsx"

type Credential = Parameters<typeof client.setCredential>[1]

/** What is typed so far. */
export type CredentialDraft = {
  kind: "none" | "token" | "ssh"
  user: string
  token: string
  privateKey: string
  knownHosts: string
}

/** Nothing typed. */
export const noCredential: CredentialDraft = {
  kind: "none",
  user: "",
  token: "",
  privateKey: "",
  knownHosts: "",
}

/** The credential of a draft; null for none. */
export const credentialOf = (draft: CredentialDraft): Credential | null => {
  const { kind, user, token, privateKey, knownHosts } = draft
  switch (kind) {
    case "none":
      return null
    case "token":
      return { kind, token: token.trim(), ...(user !== "" && { user }) }
    case "ssh":
      // A key file that does not end its last line is no key to ssh.
      return { kind, privateKey: `${privateKey.trim()}\n`, ...(knownHosts.trim() !== "" && { knownHosts }) }
  }
}

type CredentialFieldsProps = {
  draft: CredentialDraft
  onChange: (next: CredentialDraft) => void
  /** Offers having none. */
  mayBeNone: boolean
}

/** How a repo's source knows us. What is typed goes in, and nothing shows it again. */
export const CredentialFields = ({ draft, onChange, mayBeNone }: CredentialFieldsProps) => {
  const set = (name: keyof CredentialDraft) => ({
    value: draft[name],
    onChange: (event: { target: { value: string } }) => onChange({ ...draft, [name]: event.target.value }),
    autoComplete: "off",
    spellCheck: false,
    className: `${fieldLook} font-mono`,
  })
  return (
    <>
      <Field label="Credential">
        {tie => (
          <select {...tie} {...set("kind")} className={fieldLook}>
            {mayBeNone && <option value="none">None: a public source, or a path</option>}
            <option value="token">A token, for an https source</option>
            <option value="ssh">An SSH key, for an ssh source</option>
          </select>
        )}
      </Field>
      {draft.kind === "token" && (
        <>
          <Field label="Token" hint="It is kept sealed, and no page or answer shows it again.">
            {tie => <input {...tie} {...set("token")} type="password" autoComplete="new-password" required />}
          </Field>
          <Field label="User (optional)" hint="Where the host wants a certain name beside the token.">
            {tie => <input {...tie} {...set("user")} />}
          </Field>
        </>
      )}
      {draft.kind === "ssh" && (
        <>
          <Field label="Private key" hint="Without a passphrase. It is kept sealed, and never shown again.">
            {tie => <textarea {...tie} {...set("privateKey")} rows={4} required />}
          </Field>
          <Field label="Known hosts (optional)" hint="The host's own keys, as in a known_hosts file.">
            {tie => <textarea {...tie} {...set("knownHosts")} rows={2} />}
          </Field>
        </>
      )}
    </>
  )
}
