import { join } from "node:path"
import { makeTempFolder } from "@twolane/testkit"
import { type Child, startChild } from "../child.ts"

/** What a hop is told: where it listens, and what it forwards to. A path of the file system is a unix socket. */
export type HopInput = {
  listen: string
  target: string
  /** A Redis that each event is recorded in. */
  redis?: string
}

/** A kind of hop: a module in this folder. */
export type HopKind = "http-pipe" | "http-proxy" | "sdk-restream" | "ws-forwarder"

/** Two processes between a caller and the model, as gateway and worker are: a bare pipe, and behind it what is compared. */
export type TwoHops = AsyncDisposable & { readonly url: string; readonly pids: readonly number[] }

type Says = { listens: string }

/** Starts a contender behind the bare gateway of its protocol; they speak over a unix socket. */
export const startTwoHops = async (
  kind: HopKind,
  input: { model: string; redis?: string },
  signal: AbortSignal,
): Promise<TwoHops> => {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await makeTempFolder("twl-hop-"))
  const socket = join(folder.path, "hop.sock")
  const start = async (module: HopKind, hop: HopInput): Promise<Child<Says> & { url: string }> => {
    const child = stack.use(startChild<Says>(`floors/${module}.ts`, hop))
    const { listens } = await child.next(signal)
    return { ...child, url: listens }
  }
  const { model, ...rest } = input
  const behind = await start(kind, { ...rest, listen: socket, target: model })
  const gateway = await start(kind === "ws-forwarder" ? kind : "http-pipe", { listen: "", target: socket })
  const owned = stack.move()
  return {
    url: gateway.url,
    pids: [gateway.pid, behind.pid],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
