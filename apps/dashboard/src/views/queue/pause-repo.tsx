import { useQuery } from "@tanstack/react-query"
import type { Lane } from "@twolane/protocol"
import { useState } from "react"
import { client } from "../../client.ts"
import { repoList } from "../../queries.ts"
import { SelectField } from "../../ui/field.tsx"
import { FormDialog } from "../../ui/form-dialog.tsx"
import { sayDone } from "../../ui/toasts.tsx"
import { useAct } from "../../ui/use-act.ts"
import { useShowQueue } from "./lane-rules.tsx"

type PauseRepoProps = { lane: Lane; paused: readonly string[]; onClose: () => void }

/** Starts no further turns of one repo in a lane. */
export const PauseRepo = ({ lane, paused, onClose }: PauseRepoProps) => {
  const { busy, act } = useAct()
  const show = useShowQueue()
  const repos = (useQuery(repoList).data?.items ?? []).filter(({ name }) => !paused.includes(name))
  const [chosen, setChosen] = useState<string | null>(null)
  const repo = chosen ?? repos[0]?.name
  const pause = async () => {
    if (repo === undefined) return onClose()
    if (!(await act(`Pausing ${repo}`, async () => show(await client.pauseQueue({ lane, repo }))))) return
    sayDone(`${repo} is paused in the ${lane} lane`)
    onClose()
  }
  return (
    <FormDialog
      title={`Pause a repo in the ${lane} lane`}
      does="Pause it"
      busy={busy}
      onDo={() => void pause()}
      onClose={onClose}
    >
      {repo === undefined ? (
        <p className="text-muted">There is no repo that is not paused.</p>
      ) : (
        <SelectField
          label="Repo"
          value={repo}
          options={repos.map(({ name }) => [name, name] as const)}
          onChange={setChosen}
        />
      )}
      <p className="text-muted">What runs goes on. What comes waits, and says so.</p>
    </FormDialog>
  )
}
