import { spawn } from "node:child_process"
import { text as textOf } from "node:stream/consumers"
import { neverAborted, sleep } from "@twolane/common"
import type { TaskEvent } from "@twolane/protocol"
import { orderOf } from "../floors/ask-floor.ts"
import { fiveRounds, inTurns, median, quantile, repeated } from "../measure.ts"
import { type FastHouse, finish, openFastHouse } from "../ours/fast-house.ts"
import { absolute, type MeasureRow } from "../row.ts"

const samples = 5
const goalMs = 30
const tellTime = "date +%s%N"
const rules = `test:\n  all: ${tellTime}\n  targeted: "${tellTime}; : {files}"\n`

/** A person reads what the turn did before they ask for more. */
const readsMs = 700

/** From an applied patch, as its event has it, to the first moment of the test's own process; against a bare spawn of the same. */
export const run: MeasureRow = async ({ signal }) => {
  await using ours = await openFastHouse(signal, { repoFiles: { "twolane.yaml": rules } })
  const found = await inTurns(
    {
      floor: repeated(samples, bareSpawn),
      ours: () => followUps(ours),
      first: repeated(samples, async () => startOf(ours, await begin(ours))),
    },
    fiveRounds(signal),
  )
  const middle = { floor: median(found.floor), ours: median(found.ours) }
  return {
    lines: [
      { ...absolute("a follow-up", middle.ours, goalMs), floor: middle.floor },
      {
        what: "a task's first turn",
        unit: "ms",
        floor: middle.floor,
        ours: median(found.first),
        ratio: null,
        goal: "reported",
        ok: null,
      },
    ],
    profile: [`a follow-up's p90: ${quantile(found.ours, 0.9).toFixed(0)} ms`],
  }
}

const bareSpawn = async (): Promise<number> => {
  const startedAt = performance.timeOrigin + performance.now()
  const child = spawn("/bin/sh", ["-c", tellTime], { stdio: ["ignore", "pipe", "inherit"] })
  return toldTime(await textOf(child.stdout)) - startedAt
}

const patchOf = (name: string): string =>
  `*** Begin Patch\n*** Add File: src/${name}.ts\n+export const ${name} = 1\n*** End Patch\n`

const asked = (name: string) => orderOf({ tokens: 1, patch: { text: patchOf(name) } })
const tested = { fields: { test: "targeted" } }

const begin = async (ours: FastHouse): Promise<string> =>
  (await finish(await ours.begin(asked("first"), tested))).task

const followUps = async (ours: FastHouse): Promise<number[]> => {
  const task = await begin(ours)
  const found: number[] = []
  for (let index = 0; index < samples; index += 1) {
    await sleep(readsMs, neverAborted())
    await finish(await ours.next(task, asked(`next${index}`), tested))
    found.push(await startOf(ours, task))
  }
  return found
}

/** What the last tests of a task say of when they ran, against the patch before them. */
const startOf = async ({ house }: FastHouse, task: string): Promise<number> => {
  const { items } = (await house.call("GET", `/v1/tasks/${task}/events?limit=200`)).body as {
    items: TaskEvent[]
  }
  const end = items.findLastIndex(event => event.type === "tests.ended")
  const ended = items[end]
  const patch = items.slice(0, end).findLast(event => event.type === "patch.applied")
  if (ended?.type !== "tests.ended" || patch === undefined) throw new Error(`no tests ran in ${task}`)
  return toldTime(ended.output) - patch.at
}

/** Epoch ms from what `date` printed in ns. */
const toldTime = (output: string): number => {
  const nanoseconds = /\b\d{19}\b/.exec(output)?.[0]
  if (nanoseconds === undefined) throw new Error(`no time in what the tests said: ${output}`)
  return Number(nanoseconds) / 1e6
}
