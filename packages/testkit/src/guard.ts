import { spawn } from "node:child_process"

/**
 * Watches over a process that must not outlive us: when this process ends, however it ends, the other one is killed and its folder
 * removed. Exit handlers alone do not run when a test process is killed. Answers how to end the watch.
 */
export const guardProcess = (pid: number, folder: string): (() => void) => {
  // `read` ends when our side of the pipe is closed, which the kernel does for us.
  const script = 'read -r _; kill -9 "$1" 2>/dev/null; rm -rf -- "$2"'
  const guard = spawn("/bin/sh", ["-c", script, "guard", String(pid), folder], {
    stdio: ["pipe", "ignore", "ignore"],
    // A group of its own: what kills ours must not kill the guard first.
    detached: true,
    env: { PATH: process.env.PATH },
  })
  guard.on("error", () => {}) // without a shell there is no guard, and `stop` still does its work
  guard.stdin.on("error", () => {})
  guard.unref()
  return () => void guard.kill("SIGKILL")
}
