import type { TestsResult, Workspace } from "@twolane/agent"
import type { FileChange } from "@twolane/protocol"
import { changedFiles } from "../git/diff.ts"
import type { SetupFailure } from "../prepare/prepare.ts"
import type { TestRoom } from "../tests/room.ts"
import { runTests } from "../tests/run-tests.ts"
import type { BegunRoom } from "./begin-room.ts"
import { type FurnishedRoom, furnish, type RoomRequest } from "./furnish.ts"
import type { Ground } from "./ground.ts"
import { runIn } from "./workspace.ts"

type TestRequest = Parameters<Workspace["test"]>[0]

/** Where tests run, and who hears how many processes had to be ended at the close. */
type Where = {
  /** A room that stands ready; it is used up. */
  begun: BegunRoom | null
  /** What the commit changed since the base, where that is known. */
  since: readonly FileChange[] | null
  onKilled: (processes: number) => void
}

/**
 * Runs the tests of a commit in a clean room of its own: what is judged is exactly what will be delivered, whatever an agent's
 * commands left in the ignored corners of its workspace.
 */
export const testCommit = async (
  ground: Ground,
  wanted: RoomRequest,
  { begun, since, onKilled, ...request }: TestRequest & Where,
  signal: AbortSignal,
): Promise<TestsResult> => {
  const startedAt = performance.now()
  const { mirror, base, commit, file } = wanted
  const changed = Promise.resolve(since ?? changedFiles(mirror, base, commit, signal))
  changed.catch(() => undefined) // it is waited for below
  const opened = await furnish(ground, wanted, begun, signal)
  if (!opened.ok) return notPrepared(opened)
  await using stack = new AsyncDisposableStack()
  const room = stack.use(opened)
  stack.defer(async () => onKilled((await room.keeper.kill()).killed))
  const repo = `${mirror.team}/${mirror.repo}`
  const { wholeSuiteMs, ...result } = await runTests(
    {
      ...request,
      room: testRoom(room),
      settings: file.test,
      changed: await changed,
      wholeSuiteMs: ground.suiteMs.get(repo) ?? null,
      atBase: (use, within) => atBase(ground, wanted, use, within),
    },
    signal,
  )
  if (wholeSuiteMs !== undefined) ground.suiteMs.set(repo, wholeSuiteMs)
  return { ...result, durationMs: Math.round(performance.now() - startedAt) }
}

const notPrepared = ({ reason, output, durationMs }: SetupFailure): TestsResult => ({
  status: "error",
  command: "setup",
  durationMs,
  output: `${reason}\n${output}`,
  failures: [],
  failuresAtBase: [],
})

const atBase = async <Result>(
  ground: Ground,
  wanted: RoomRequest,
  use: (room: TestRoom) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> => {
  const opened = await furnish(ground, { ...wanted, commit: wanted.base }, null, signal)
  if (!opened.ok) return use(brokenRoom(opened))
  await using room = opened
  return await use(testRoom(room))
}

const testRoom = (room: FurnishedRoom): TestRoom => ({
  run: (request, signal) => runIn(room, request, signal),
  read: async (path, signal) => {
    const file = await room.keeper.read({ path, offset: 1, limit: maxLines }, signal)
    return file.ok ? file.text : null
  },
  exists: async (path, signal) => (await room.keeper.read({ path, offset: 1, limit: 1 }, signal)).ok,
})

const maxLines = 100_000

/** Where the base can't even be set up, nothing is known of its tests. */
const brokenRoom = ({ reason, output, durationMs }: SetupFailure): TestRoom => ({
  run: async () => ({
    exitCode: null,
    ended: "refused",
    output: `${reason}\n${output}`,
    truncated: false,
    durationMs,
  }),
  read: async () => null,
  exists: async () => false,
})
