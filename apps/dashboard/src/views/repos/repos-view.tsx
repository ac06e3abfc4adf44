import { useQuery, useQueryClient } from "@tanstack/react-query"
import type { DiskItem } from "@twolane/protocol"
import { useState } from "react"
import { useCommands } from "../../keys/commands.ts"
import { diskUse, repoList } from "../../queries.ts"
import { useMay } from "../../session/session.ts"
import { useTitle } from "../../shell/use-title.ts"
import { Button } from "../../ui/button.tsx"
import { Empty } from "../../ui/empty.tsx"
import { ProblemNote } from "../../ui/problem-note.tsx"
import { HostLine } from "./host-line.tsx"
import { RegisterRepo } from "./register-repo.tsx"
import { RepoCard } from "./repo-card.tsx"

/** The team's repos: where they come from, how their source knows us, and what they take on the machines. */
export const ReposView = () => {
  useTitle("Repos")
  const mayChange = useMay("admin")
  const repos = useQuery(repoList)
  const disk = useQuery(diskUse)
  const [registering, setRegistering] = useState(false)
  const queries = useQueryClient()
  const reload = () =>
    Promise.all([queries.invalidateQueries(repoList), queries.invalidateQueries(diskUse)]).then(() => {})
  return (
    <div className="mx-auto max-w-5xl px-4 py-4 sm:px-6">
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <h1 className="mr-auto font-semibold text-xl">Repos</h1>
        {mayChange && <RegisterButton onPress={() => setRegistering(true)} />}
      </div>
      {repos.error !== null && <ProblemNote error={repos.error} onRetry={() => void repos.refetch()} />}
      {repos.data?.items.length === 0 && (
        <div className="rounded-lg border border-line bg-surface">
          <Empty title="No repo is registered">
            {mayChange
              ? "Register one: an https or ssh address, or a path on the workers' machine."
              : "An admin registers them."}
          </Empty>
        </div>
      )}
      <div className="space-y-3">
        {repos.data?.items.map(repo => (
          <RepoCard
            key={repo.name}
            repo={repo}
            disk={itemsOf(disk.data?.items, repo.name)}
            onChange={reload}
          />
        ))}
      </div>
      {disk.error !== null && (
        <div className="mt-3">
          <ProblemNote error={disk.error} onRetry={() => void disk.refetch()} />
        </div>
      )}
      {disk.data !== undefined && disk.data.hosts.length > 0 && (
        <section aria-labelledby="machines" className="mt-6">
          <h2 id="machines" className="mb-2 font-semibold text-lg">
            Machines
          </h2>
          <ul className="grid gap-3 sm:grid-cols-2">
            {disk.data.hosts.map(host => (
              <HostLine key={host.host} host={host} />
            ))}
          </ul>
        </section>
      )}
      {registering && (
        <RegisterRepo
          taken={repos.data?.items.map(({ name }) => name) ?? []}
          onClose={() => setRegistering(false)}
          onDone={async () => {
            setRegistering(false)
            await reload()
          }}
        />
      )}
    </div>
  )
}

const RegisterButton = ({ onPress }: { onPress: () => void }) => {
  useCommands([{ id: "repo-new", title: "Register a repo", section: "Repos", keys: ["c"], run: onPress }])
  return (
    <Button look="primary" onClick={onPress} title="Register a repo (c)">
      Register a repo
    </Button>
  )
}

const itemsOf = (items: readonly DiskItem[] = [], repo: string): DiskItem[] =>
  items.filter(item => item.repo === repo)
