import {
  type ListResourcesResult,
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  ResourceNotFoundError,
  type ResourceTemplateType,
} from "@modelcontextprotocol/server"
import { type Page, type Task, TaskId } from "@twolane/protocol"
import { bounded, boundedJson } from "../bounded.ts"
import { askFor, askForTask, queryOf, Refused } from "../inside/asking.ts"
import type { Asking } from "./asking.ts"
import { newestEvents } from "./newest-events.ts"
import { askForDiff, wholeDiff } from "./tools/diff.ts"

const listed = 50
/** Of a text in a resource, and of a whole diff. */
const maxTextChars = 20_000
const wholeDiffChars = 1_000_000
/** How much of a log is shown: its newest events. */
const eventsBack = 200

/** What each task is, by address. */
export const resourceTemplates: ResourceTemplateType[] = [
  {
    name: "task",
    title: "A task",
    uriTemplate: "twolane://tasks/{id}",
    description: "A task with its turns, gates and figures.",
    mimeType: "application/json",
  },
  {
    name: "diff",
    title: "A task's change",
    uriTemplate: "twolane://tasks/{id}/diff",
    description: "What a task changed since its base, as a patch.",
    mimeType: "text/x-diff",
  },
  {
    name: "log",
    title: "A task's log",
    uriTemplate: "twolane://tasks/{id}/log",
    description: `The newest ${eventsBack} events of a task's newest attempt.`,
    mimeType: "application/json",
  },
]

/** The team's newest tasks, page by page. */
export const listResources = (asking: Asking, cursor: string | undefined): Promise<ListResourcesResult> =>
  orProtocolError(async () => {
    const page = await askFor<Page<Task>>(asking, `/v1/tasks${queryOf({ limit: listed, cursor })}`)
    return {
      resources: page.items.map(({ id, title, status, repo }) => ({
        uri: `twolane://tasks/${id}`,
        name: id,
        title: bounded(title, 200),
        description: `${status}, in ${repo}`,
        mimeType: "application/json",
      })),
      ...(page.nextCursor === null ? {} : { nextCursor: page.nextCursor }),
    }
  }, undefined)

/** One of them. */
export const readResource = (asking: Asking, uri: string): Promise<ReadResourceResult> =>
  orProtocolError(async () => {
    const [, task = "", part = ""] = /^twolane:\/\/tasks\/([^/]+)(?:\/(diff|log))?$/.exec(uri) ?? []
    if (!TaskId.safeParse(task).success) throw new ResourceNotFoundError(uri)
    return { contents: [{ uri, ...(await contentOf(asking, task, part)) }] }
  }, uri)

const contentOf = async (
  asking: Asking,
  task: string,
  part: string,
): Promise<{ mimeType: string; text: string }> => {
  if (part === "diff") {
    const files = await askForDiff(asking, task, "base")
    return { mimeType: "text/x-diff", text: wholeDiff(files, wholeDiffChars) }
  }
  const known = await askForTask(asking, task)
  if (part === "") return { mimeType: "application/json", text: boundedJson(known, maxTextChars) }
  const items = await newestEvents(asking, known, eventsBack)
  return { mimeType: "application/json", text: boundedJson(items, maxTextChars) }
}

/** A resource has no way to say what was wrong but an error of the protocol. */
const orProtocolError = async <Answer>(
  act: () => Promise<Answer>,
  uri: string | undefined,
): Promise<Answer> => {
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    const { code, status } = error.problem
    if (code === "not-found" && uri !== undefined) throw new ResourceNotFoundError(uri)
    throw new ProtocolError(
      status < 500 ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError,
      error.message,
    )
  }
}
