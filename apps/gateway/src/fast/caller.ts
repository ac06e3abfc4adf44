import { derive } from "@twolane/common"
import type { FastifyReply } from "fastify"

/** Whether the one who asked is still there; ends with `disconnect` when it left before its answer. */
export const watchCaller = (
  { raw }: FastifyReply,
  parent: AbortSignal,
): Disposable & { signal: AbortSignal } => {
  const life = derive(parent)
  const onClose = () => {
    if (!raw.writableFinished) life.abort({ by: "disconnect" })
  }
  raw.once("close", onClose)
  return {
    signal: life.signal,
    [Symbol.dispose]: () => {
      raw.removeListener("close", onClose)
      life[Symbol.dispose]()
    },
  }
}
