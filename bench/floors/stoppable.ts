import { join } from "node:path"
import { makeTempFolder } from "@twolane/testkit"
import { startChild } from "../child.ts"
import type { StopInput } from "./stop-names.ts"

/** A gateway and a worker that do nothing but stream and stop. */
export type Stoppable = AsyncDisposable & { readonly url: string }

/** Starts both. */
export const startStoppable = async (
  { redis, model, keeps }: Omit<StopInput, "worker">,
  signal: AbortSignal,
): Promise<Stoppable> => {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await makeTempFolder("twl-stop-"))
  const input: StopInput = { redis, model, keeps, worker: join(folder.path, "worker.sock") }
  await stack.use(startChild<{ listens: string }>("floors/stop-worker.ts", input)).next(signal)
  const gateway = stack.use(startChild<{ listens: string }>("floors/stop-gateway.ts", input))
  const { listens } = await gateway.next(signal)
  const owned = stack.move()
  return { url: listens, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
