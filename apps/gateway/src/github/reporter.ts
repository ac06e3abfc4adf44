import type { TaskEvent } from "@twolane/protocol"
import type { z } from "zod"
import type { Gateway } from "../gateway.ts"
import type { InboxWork } from "../inbox/platform.ts"
import { oneAtATime } from "../rounds.ts"
import { type Report, sayReport } from "./report.ts"

/** Reports stand in line as what platforms send does: kept until they are said, in the order of their task. */
const line = "github-reports"
const lookEveryMs = 1_000

/** Says the reports of tasks that came from GitHub. */
export const githubReports = (gateway: Gateway): InboxWork => ({
  name: line,
  handle: (report, signal) => sayReport(gateway, report, signal),
})

/** After these a task stands otherwise than before. */
const telling: ReadonlySet<TaskEvent["type"]> = new Set([
  "turn.queued",
  "turn.started",
  "gate.opened",
  "gate.decided",
  "tests.ended",
  "pull_request.opened",
  "turn.ended",
  "task.reviewed",
])

/**
 * Reads the streams of teams that have repos at GitHub, and puts a report in line for each event after which a task that came from there
 * stands otherwise. Every gateway does; the line takes each report once, and whoever reads goes on where the last one was.
 */
export const startReporting = (gateway: Gateway): AsyncDisposable => {
  const { store, stopping } = gateway
  const put = async (team: string, events: readonly TaskEvent[]) => {
    const told = events.filter(({ type }) => telling.has(type))
    const tasks = [...new Set(told.map(({ task }) => task))]
    const states = await store.readMany(team, tasks)
    const ours = new Set(tasks.filter((_task, index) => states[index]?.origin === "github"))
    for (const { task, id } of told.filter(event => ours.has(event.task))) {
      const report: z.infer<typeof Report> = { team, task, event: id }
      const raw = Buffer.from(JSON.stringify(report))
      const kept = await store.inbox.put(line, { id: `${task}/${id}`, conversation: task, headers: {}, raw })
      if (kept === "full") throw new Error("too many reports wait")
    }
  }
  const rounds = oneAtATime(gateway, "reports to GitHub wait", async () => {
    for (const team of await store.githubTeams())
      while (!stopping.aborted && (await store.inbox.readOn(line, team, events => put(team, events))));
  })
  const timer = setInterval(rounds.look, lookEveryMs)
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer)
      await rounds.ended()
    },
  }
}
