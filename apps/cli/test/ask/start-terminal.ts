import { spawn } from "node:child_process"
import { resolve } from "node:path"
import { readHost } from "@twolane/common"

const launcher = resolve(import.meta.dirname, "../../bin/twolane.js")
const withinMs = 60_000

/** A command of ours at a real terminal (a pseudo terminal, by util-linux's `script`). */
export type AtTerminal = AsyncDisposable & {
  /** Presses keys. */
  press(keys: string): void
  /** Resolves once the terminal has been sent this text, after what an earlier `until` found; answers all that was sent. */
  until(text: string): Promise<string>
  /** Sends the command itself a signal, once it runs. */
  kill(signal: NodeJS.Signals): void
  /** Resolves with the exit code, and whether the terminal's settings are what they were before. */
  readonly ended: Promise<{ code: number; restored: boolean; out: string }>
}

/** Starts `twolane` with these arguments at a terminal. */
export const startAtTerminal = (args: readonly string[], env: Record<string, string>): AtTerminal => {
  const words = [process.execPath, launcher, ...args].map(word => `'${word.replaceAll("'", "'\\''")}'`)
  // In the foreground, as a shell runs it, with its process id told first.
  const command = [
    "before=$(stty -g)",
    `sh -c 'echo "pid=$$"; exec "$@"' sh ${words.join(" ")}`,
    'echo "code=$?"',
    '[ "$before" = "$(stty -g)" ] && echo restored=yes || echo restored=no',
  ].join("; ")
  const child = spawn("script", ["-qfec", command, "/dev/null"], {
    cwd: "/",
    env: { PATH: readHost().path, HOME: "/", TERM: "xterm-256color", SHELL: "/bin/sh", ...env },
    stdio: ["pipe", "pipe", "inherit"],
  })
  let out = ""
  let from = 0
  let check = () => {}
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text
    check()
  })
  const exited = new Promise<void>(done => child.on("close", () => done()))
  return {
    press: keys => void child.stdin.write(keys),
    until: text =>
      new Promise((done, fail) => {
        const timer = setTimeout(() => fail(new Error(`no ${JSON.stringify(text)} in\n${out}`)), withinMs)
        check = () => {
          const at = out.indexOf(text, from)
          if (at === -1) return
          from = at + text.length
          check = () => {}
          clearTimeout(timer)
          done(out)
        }
        check()
      }),
    kill: signal => void process.kill(Number(/pid=(\d+)/.exec(out)?.[1]), signal),
    ended: exited.then(() => ({
      code: Number(/code=(\d+)/.exec(out)?.[1]),
      restored: out.includes("restored=yes"),
      out,
    })),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      child.kill("SIGKILL")
      await exited
    },
  }
}
