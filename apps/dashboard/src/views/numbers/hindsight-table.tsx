import { useInfiniteQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import type { Hindsight } from "@twolane/protocol"
import { useState } from "react"
import { client } from "../../client.ts"
import { Button } from "../../ui/button.tsx"
import { Empty } from "../../ui/empty.tsx"
import { LaneName } from "../../ui/lane.tsx"
import { ProblemNote } from "../../ui/problem-note.tsx"
import { statusWords } from "../../ui/status.tsx"
import { Time } from "../../ui/time.tsx"
import { countWords } from "../../ui/words.ts"

const ends = ["succeeded", "failed", "canceled", "limited", "handed_off"] as const
type End = (typeof ends)[number]
const pageSize = 50

/** Which lane past tasks should have taken, and what speaks for it. */
export const HindsightTable = ({ repo }: { repo: string | undefined }) => {
  const [status, setStatus] = useState<End>("succeeded")
  const [onlyOther, setOnlyOther] = useState(false)
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetching } = useHindsight(status, repo)
  const seen = data?.pages.flatMap(({ items }) => items) ?? []
  const other = seen.filter(({ took, should }) => took !== should)
  const shown = onlyOther ? other : seen
  return (
    <section aria-labelledby="hindsight" className="mt-6 rounded-lg border border-line bg-surface p-4">
      <div className="flex flex-wrap items-center gap-3">
        <div className="mr-auto">
          <h2 id="hindsight" className="font-semibold text-lg">
            Which lane should have taken it
          </h2>
          <p className="text-muted text-sm">
            {seen.length === 0
              ? "Past tasks, judged by how they went."
              : `${countWords(other.length, "task")} of the last ${seen.length.toLocaleString()} would have been better off in the other lane.`}
          </p>
        </div>
        <select
          aria-label="How the tasks ended"
          value={status}
          onChange={event => setStatus(ends.find(end => end === event.target.value) ?? "succeeded")}
          className="h-8 rounded-md border border-line-strong bg-surface px-2"
        >
          {ends.map(end => (
            <option key={end} value={end}>
              {statusWords(end)}
            </option>
          ))}
        </select>
        <Button
          aria-pressed={onlyOther}
          look={onlyOther ? "plain" : "quiet"}
          onClick={() => setOnlyOther(!onlyOther)}
        >
          Only the other lane
        </Button>
      </div>
      {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {data !== undefined && shown.length === 0 && (
        <Empty title={onlyOther ? "Each of these was in the right lane" : "No task has ended so"} />
      )}
      {shown.length > 0 && <Rows items={shown} />}
      {hasNextPage && (
        <div className="mt-3 text-center">
          <Button busy={isFetching} onClick={() => void fetchNextPage()}>
            Show older tasks
          </Button>
        </div>
      )}
    </section>
  )
}

const useHindsight = (status: End, repo: string | undefined) =>
  useInfiniteQuery({
    queryKey: ["hindsight", status, repo],
    queryFn: ({ pageParam, signal }) =>
      client.hindsight(
        {
          limit: pageSize,
          status,
          ...(repo !== undefined && { repo }),
          ...(pageParam !== null && { cursor: pageParam }),
        },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })

const Rows = ({ items }: { items: readonly Hindsight[] }) => (
  <table aria-labelledby="hindsight" className="mt-3 w-full">
    <thead className="text-left text-faint text-sm">
      <tr>
        <th className="pr-3 font-normal">Task</th>
        <th className="pr-3 font-normal">Took</th>
        <th className="pr-3 font-normal">Should have</th>
        <th className="font-normal max-sm:hidden">Because</th>
      </tr>
    </thead>
    <tbody>
      {items.map(item => (
        <tr key={item.task} data-hindsight={item.task} className="border-line border-t align-top">
          <td className="py-1.5 pr-3">
            <Link
              to="/tasks/$task"
              params={{ task: item.task }}
              className="break-words font-medium hover:text-accent"
            >
              {item.title}
            </Link>
            <p className="text-faint text-sm">
              {item.repo}, <Time at={item.endedAt} />
            </p>
            <p className="text-muted text-sm sm:hidden">{becauseOf(item)}</p>
          </td>
          <td className="py-1.5 pr-3">
            <LaneName lane={item.took} />
          </td>
          <td className="py-1.5 pr-3">
            {item.should === item.took ? (
              <span className="text-faint">the same</span>
            ) : (
              <LaneName lane={item.should} />
            )}
          </td>
          <td className="py-1.5 text-muted text-sm max-sm:hidden">{becauseOf(item)}</td>
        </tr>
      ))}
    </tbody>
  </table>
)

/** The reasons in words: those for the lane that should have taken it first, what spoke against it after that. */
const becauseOf = ({ reasons, should }: Hindsight): string => {
  const words = (lane: "for" | "against") =>
    reasons
      .filter(({ speaksFor }) => (speaksFor === should) === (lane === "for"))
      .map(({ name, detail }) => `${name.replaceAll("-", " ")} (${detail})`)
      .join(", ")
  const against = words("against")
  return [words("for"), ...(against === "" ? [] : [`against it: ${against}`])].filter(Boolean).join("; ")
}
