import { noUsage, type TaskDelta, type TaskEvent } from "@twolane/protocol"
import {
  type DoubleAnswer,
  type DoubleCall,
  eventOf,
  json,
  problemDocument,
  startGatewayDouble,
} from "@twolane/testkit/gateway-double"

/** A call that the double got; its line is `POST /v1/tasks` and the like. */
export type Call = { line: string; body: unknown }

/** A server that answers as a gateway would, word for word as a test says. */
export type Double = AsyncDisposable & {
  readonly url: string
  readonly calls: Call[]
  /** Resolves with the first call whose line is this one, also when it has come already. */
  called(line: string): Promise<Call>
}

/** Starts a double; each call of a route takes the next of its answers, the last one again and again. */
export const startDouble = async (
  routes: Readonly<Record<string, readonly DoubleAnswer[]>>,
): Promise<Double> => {
  const calls: Call[] = []
  const waiting = new Map<string, (call: Call) => void>()
  const answerTo = ({ method, url, body }: DoubleCall): DoubleAnswer => {
    const line = `${method} ${url.replace(/\?.*/, "")}`
    const answers = routes[line] ?? [json(404, problemDocument("not-found", 404))]
    const answer = answers[calls.filter(each => each.line === line).length] ?? answers.at(-1)
    const call = { line, body }
    calls.push(call)
    waiting.get(line)?.(call)
    return answer ?? (() => {})
  }
  const double = await startGatewayDouble(answerTo)
  return {
    ...double,
    calls,
    called: line => {
      const before = calls.find(call => call.line === line)
      if (before !== undefined) return Promise.resolve(before)
      return new Promise(resolve => waiting.set(line, resolve))
    },
  }
}

/** Live text of a call. */
export const callText = (call: string, text: string): TaskDelta => ({
  task: "task_1",
  turn: "turn_1",
  attempt: 1,
  at: 0,
  type: "tool.delta",
  call,
  text,
})
/** A patch of one line. */
export const patched = (id: string): TaskEvent =>
  eventOf(id, {
    type: "patch.applied",
    files: [{ path: "a.js", change: "modified", added: 1, removed: 1 }],
    diff: "--- a/a.js\n+++ b/a.js\n@@ -1 +1 @@\n-one\n+two\n",
    checkpoint: "c",
  })
/** Tests that passed. */
export const green = (id: string): TaskEvent =>
  eventOf(id, {
    type: "tests.ended",
    status: "passed",
    command: "npm test",
    passed: 2,
    durationMs: 90,
    output: "",
  })

/** The task as the API shows it. */
export const task = {
  id: "task_1",
  team: "default",
  repo: "shop",
  lane: "fast",
  status: "succeeded",
  title: "mend it",
  prompt: "mend it",
  by: { key: "key_1", name: "me" },
  origin: "cli",
  labels: [],
  priority: "normal",
  base: null,
  branch: "twolane/task_1",
  createdAt: 0,
  turns: [{ id: "turn_1", lane: "fast", status: "succeeded" }],
  gates: [],
  review: "open",
  usage: noUsage,
  lastEventId: "1-9",
}
