import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import type { TaskEvent } from "@twolane/protocol"
import * as testkit from "@twolane/testkit"
import { eventsIn, type House, type Message, openStream, type Stream } from "@twolane/testkit"

/** Asks for a fast turn on a new task of the library. */
export const ask = (house: House, prompt: string, more: Record<string, unknown> = {}): Promise<Stream> =>
  openStream(house, "/v1/tasks", { repo: "sums", lane: "fast", prompt, ...more })

/** Asks for a further turn. */
export const followUp = (house: House, task: string, body: Record<string, unknown>): Promise<Stream> =>
  openStream(house, `/v1/tasks/${task}/turns`, body)

export const isType =
  (type: string) =>
  ({ data }: Message): boolean =>
    "type" in data && data.type === type

/** The types of what has an id, for comparing a whole run at a glance. */
export const typesOf = (messages: readonly Message[]): string[] => testkit.typesOf(eventsIn(messages))

/** The events of one type. */
export const only = <Type extends TaskEvent["type"]>(messages: readonly Message[], type: Type) =>
  testkit.only(eventsIn(messages), type)

export const taskOf = (messages: readonly Message[]): string => {
  for (const { data } of messages) if ("task" in data) return data.task
  throw new Error("no task")
}

/** The folder of a task's workspace, which is made before the rooms of its tests. */
export const workspaceOf = async (house: House, task: string): Promise<string | undefined> => {
  const numberOf = (room: string) => Number(room.split("-").at(-1))
  return (await roomsOf(house, task)).sort((one, other) => numberOf(one) - numberOf(other))[0]
}

/** The folders of a task's workspace and of its tests' rooms, whichever worker made them; a room that stood ready has its task written in it. */
const roomsOf = async (house: House, task: string): Promise<string[]> => {
  const rooms = await Promise.all(
    (await workersIn(house)).map(async worker => {
      const all = join(house.dataDir, "workspaces", worker)
      const stood = (await readdir(join(all, "ready/default")).catch(() => [])).map(
        name => `ready/default/${name}`,
      )
      const taken = await Promise.all(
        stood.map(
          async room => [room, await readFile(join(all, room, "task"), "utf8").catch(() => "")] as const,
        ),
      )
      const own = (await readdir(all).catch(() => [])).filter(room => room.startsWith(`${task}-`))
      return [...own, ...taken.filter(([, of]) => of === task).map(([room]) => room)]
    }),
  )
  return rooms.flat()
}

/** The folders that workers have for their workspaces. */
export const workersIn = async ({ dataDir }: House): Promise<string[]> =>
  (await readdir(join(dataDir, "workspaces"), { withFileTypes: true }))
    .filter(entry => entry.isDirectory())
    .map(({ name }) => name)
