import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

/** A process of the bench's own, that speaks over its parent's channel. */
export type Child<Message> = AsyncDisposable & {
  readonly pid: number
  send(message: object): void
  /** The next message that has not been taken yet. */
  next(signal: AbortSignal): Promise<Message>
  /** Resolves when it has ended. */
  readonly ended: Promise<unknown>
  kill(signal: NodeJS.Signals): void
}

/**
 * Starts a module below `bench/` as a process; its one argument is a JSON value. The module must end on `disconnect`, so
 * that nothing is left when the bench dies. Disposing it kills it.
 */
export const startChild = <Message>(module: string, input: object): Child<Message> => {
  const child: ChildProcess = fork(fileURLToPath(new URL(module, import.meta.url)), [JSON.stringify(input)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  })
  const messages: Message[] = []
  const waiting: (() => void)[] = []
  child.on("message", message => {
    messages.push(message as Message)
    waiting.shift()?.()
  })
  const ended = once(child, "exit")
  const died = ended.then(([code, signal]) => {
    throw new Error(`${module} ended with ${code ?? signal}`)
  })
  died.catch(() => {}) // told to whoever waits for a message
  return {
    pid: child.pid ?? 0,
    send: message => void child.send(message),
    next: async signal => {
      while (messages.length === 0) {
        const arrived = new Promise<void>(resolve => waiting.push(resolve))
        await Promise.race([arrived, died, aborted(signal)])
      }
      return messages.shift() as Message
    },
    ended,
    kill: signal => void child.kill(signal),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill("SIGKILL")
      await ended
    },
  }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = () => reject(signal.reason)
    if (signal.aborted) end()
    signal.addEventListener("abort", end, { once: true })
  })

/** The child's side: its argument, and a way to speak. It ends when the bench does. */
export const childSide = <Input>(): { input: Input; say: (message: object) => void } => {
  process.on("disconnect", () => process.exit(0))
  return {
    input: JSON.parse(process.argv[2] ?? "{}") as Input,
    say: message => void process.send?.(message),
  }
}
