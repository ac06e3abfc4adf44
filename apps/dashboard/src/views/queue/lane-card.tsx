import { useQuery, useQueryClient } from "@tanstack/react-query"
import type { Lane, LaneQueue } from "@twolane/protocol"
import { client } from "../../client.ts"
import { useCommands } from "../../keys/commands.ts"
import { laneFigures } from "../../queries.ts"
import { useMay } from "../../session/session.ts"
import { Button } from "../../ui/button.tsx"
import { LaneName, laneInk } from "../../ui/lane.tsx"
import { ProblemNote } from "../../ui/problem-note.tsx"
import { useAct } from "../../ui/use-act.ts"
import { aboutWords, clockWords, numberWords } from "../../ui/words.ts"
import { LaneRules } from "./lane-rules.tsx"
import { ProviderLines } from "./provider-lines.tsx"
import { WorkerLines } from "./worker-lines.tsx"

/** One lane now: how much of it is busy, what waits, who works, and the way to pause it. */
export const LaneCard = ({ lane }: { lane: Lane }) => {
  const { data, error, refetch } = useQuery(laneFigures)
  const figures = data?.lanes[lane]
  const mayPause = useMay("admin")
  if (figures === undefined && error !== null)
    return <ProblemNote error={error} onRetry={() => void refetch()} />
  return (
    <section
      aria-label={`${lane === "fast" ? "Fast" : "Deep"} lane`}
      className="relative overflow-hidden rounded-lg border border-line bg-surface p-4"
    >
      <div className={`absolute inset-x-0 top-0 h-0.5 bg-current ${laneInk[lane]}`} aria-hidden="true" />
      <div className="flex items-center justify-between gap-3">
        <h2 className="flex items-center gap-3 text-lg">
          <LaneName lane={lane} />
          {figures?.paused === true && (
            <span className="rounded bg-warn-soft px-1.5 py-0.5 font-medium text-sm text-warn">Paused</span>
          )}
        </h2>
        {figures !== undefined && mayPause && <PauseButton lane={lane} paused={figures.paused} />}
      </div>
      <Figures lane={lane} figures={figures} />
      <ProviderLines providers={figures?.providers ?? []} />
      {figures !== undefined && <LaneRules lane={lane} figures={figures} />}
      <WorkerLines lane={lane} />
    </section>
  )
}

const Figures = ({ lane, figures }: { lane: Lane; figures: LaneQueue | undefined }) => (
  <>
    <dl className="mt-3 flex flex-wrap items-baseline gap-x-5 gap-y-1">
      <Figure name="running" value={figures && `${figures.running} of ${figures.slots}`} />
      <Figure name="waiting" value={figures && numberWords(figures.waiting)} />
      {figures !== undefined && figures.waiting > 0 && (
        <>
          <Figure name="oldest wait" value={clockWords(figures.oldestWaitMs)} />
          {figures.etaMs !== null && <Figure name="until empty" value={aboutWords(figures.etaMs)} />}
        </>
      )}
      <Figure name="ended this hour" value={figures && numberWords(figures.ratePerHour)} />
    </dl>
    <Capacity lane={lane} running={figures?.running ?? 0} slots={figures?.slots ?? 0} />
  </>
)

const Figure = ({ name, value }: { name: string; value: string | undefined }) => (
  <div className="flex flex-row-reverse items-baseline gap-1.5">
    <dt className="text-muted text-sm">{name}</dt>
    <dd className="font-semibold text-lg tabular-nums">{value ?? "–"}</dd>
  </div>
)

/** An image, since the page's policy lets no document say widths in a style. */
const Capacity = ({ lane, running, slots }: { lane: Lane; running: number; slots: number }) => (
  <svg
    role="img"
    aria-label={`${running} of ${slots} slots busy`}
    viewBox="0 0 100 1"
    preserveAspectRatio="none"
    className={`mt-2 block h-1.5 w-full rounded-full bg-sunken ${laneInk[lane]}`}
  >
    <rect
      width={slots === 0 ? 0 : Math.min(100, (running / slots) * 100)}
      height="1"
      className="fill-current transition-[width]"
    />
  </svg>
)

const PauseButton = ({ lane, paused }: { lane: Lane; paused: boolean }) => {
  const { busy, act } = useAct()
  const doing = `${paused ? "Resuming" : "Pausing"} the ${lane} lane`
  const queries = useQueryClient()
  const run = () =>
    void act(doing, async () => {
      const view = await (paused ? client.resumeQueue({ lane }) : client.pauseQueue({ lane }))
      queries.setQueryData(laneFigures.queryKey, view)
    })
  useCommands([
    { id: `pause-${lane}`, title: `${paused ? "Resume" : "Pause"} the ${lane} lane`, section: "Queue", run },
  ])
  return (
    <Button
      size="small"
      busy={busy}
      onClick={run}
      aria-label={`${paused ? "Resume" : "Pause"} the ${lane} lane`}
    >
      {paused ? "Resume" : "Pause"}
    </Button>
  )
}
