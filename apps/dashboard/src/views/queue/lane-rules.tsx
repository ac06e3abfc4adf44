import { useQueryClient } from "@tanstack/react-query"
import type { Lane, LaneQueue, QueueView } from "@twolane/protocol"
import { lazy, Suspense, useState } from "react"
import { client } from "../../client.ts"
import { useCommands } from "../../keys/commands.ts"
import { laneFigures } from "../../queries.ts"
import { useMay, useMe } from "../../session/session.ts"
import { Button } from "../../ui/button.tsx"
import { useAct } from "../../ui/use-act.ts"
import { limitWords } from "./limit-words.ts"

const LimitForm = lazy(async () => ({ default: (await import("./limit-form.tsx")).LimitForm }))
const PauseRepo = lazy(async () => ({ default: (await import("./pause-repo.tsx")).PauseRepo }))

type LaneRulesProps = { lane: Lane; figures: LaneQueue }

/** By which rules a lane gives its slots away: its limits, which bind the deep lane alone, and the repos that are paused in it. */
export const LaneRules = ({ lane, figures }: LaneRulesProps) => {
  const own = useMe().team
  const mayChange = useMay("admin")
  const [open, setOpen] = useState<"limits" | "pause" | null>(null)
  const close = () => setOpen(null)
  const limits = lane === "deep" ? limitWords(figures.limits, own) : []
  return (
    <div className="mt-2 text-sm">
      <div className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
        {limits.length > 0 && <p className="min-w-0 break-words text-faint">At once: {limits.join(", ")}</p>}
        {mayChange && (
          <span className="ml-auto flex gap-1">
            {lane === "deep" && (
              <Button
                size="small"
                look="quiet"
                aria-label="Limits of the deep lane"
                onClick={() => setOpen("limits")}
              >
                Limits
              </Button>
            )}
            <Button
              size="small"
              look="quiet"
              aria-label={`Pause a repo in the ${lane} lane`}
              onClick={() => setOpen("pause")}
            >
              Pause a repo
            </Button>
          </span>
        )}
      </div>
      <ul aria-label={`Repos that are paused in the ${lane} lane`} className="space-y-1 empty:hidden">
        {figures.pausedRepos.map(repo => (
          <PausedRepo key={repo} lane={lane} repo={repo} mayResume={mayChange} />
        ))}
      </ul>
      {mayChange && <RuleCommands lane={lane} onOpen={setOpen} />}
      <Suspense>
        {open === "limits" && <LimitForm limits={figures.limits} onClose={close} />}
        {open === "pause" && <PauseRepo lane={lane} paused={figures.pausedRepos} onClose={close} />}
      </Suspense>
    </div>
  )
}

/** The same from the keyboard. */
const RuleCommands = ({ lane, onOpen }: { lane: Lane; onOpen: (what: "limits" | "pause") => void }) => {
  useCommands([
    {
      id: `pause-repo-${lane}`,
      title: `Pause a repo in the ${lane} lane`,
      section: "Queue",
      run: () => onOpen("pause"),
    },
    ...(lane === "deep"
      ? [{ id: "limits", title: "Limits of the deep lane", section: "Queue", run: () => onOpen("limits") }]
      : []),
  ])
  return null
}

const PausedRepo = ({ lane, repo, mayResume }: { lane: Lane; repo: string; mayResume: boolean }) => {
  const { busy, act } = useAct()
  const show = useShowQueue()
  const resume = () =>
    void act(`Resuming ${repo}`, async () => show(await client.resumeQueue({ lane, repo })))
  return (
    <li className="flex items-baseline gap-2 text-warn">
      <span className="min-w-0 break-all">{repo} is paused</span>
      {mayResume && (
        <Button size="small" busy={busy} aria-label={`Resume ${repo} in the ${lane} lane`} onClick={resume}>
          Resume
        </Button>
      )}
    </li>
  )
}

/** Shows the queue as an answer has it. */
export const useShowQueue = (): ((view: QueueView) => void) => {
  const queries = useQueryClient()
  return view => queries.setQueryData(laneFigures.queryKey, view)
}
