import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { copyFile, writeFile } from "node:fs/promises"
import { connect } from "node:net"
import { userInfo } from "node:os"
import { join } from "node:path"
import { freePort } from "./free-port.ts"
import { makeTempFolder } from "./temp.ts"

/** A real sshd on the loopback that lets in one key, as this user. */
export type SshRemote = AsyncDisposable & {
  /** `ssh://<user>@127.0.0.1:<port>`; a repository's absolute path follows. */
  readonly origin: string
  /** The private key that it lets in, and one that it does not. */
  readonly key: string
  readonly strangersKey: string
  /** The line that a client must know of this server. */
  readonly knownHosts: string
}

const program = "/usr/sbin/sshd"

/** Whether this machine has an sshd and what makes its keys (Debian: openssh-server). */
export const hasSshd = (): boolean => existsSync(program) && existsSync("/usr/bin/ssh-keygen")

/** Starts an sshd of our own: its own host key, its own list of keys, no part in the machine's settings. */
export const startSshRemote = async (): Promise<SshRemote> => {
  const folder = await makeTempFolder("twl-sshd-")
  const at = (name: string) => join(folder.path, name)
  for (const name of ["host", "user", "stranger"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", at(name)])
  await copyFile(at("user.pub"), at("authorized"))
  const port = await freePort()
  await writeFile(at("config"), settings(port, folder.path))
  // Where an sshd of root's sends its unprivileged part; Debian's unit makes it, and there is no unit here.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 })
  const server = spawn(program, ["-D", "-e", "-f", at("config")], {
    stdio: ["ignore", "ignore", "pipe"],
    env: {},
  })
  const ended = once(server, "exit")
  let said = ""
  server.stderr.on("data", data => {
    said += String(data)
  })
  const dispose = async () => {
    server.kill("SIGKILL")
    await ended
    await folder[Symbol.asyncDispose]()
  }
  try {
    await Promise.race([
      untilItListens(port),
      ended.then(() => Promise.reject(new Error(`sshd ended: ${said}`))),
    ])
  } catch (error) {
    await dispose()
    throw error
  }
  const hostKey = readFileSync(at("host.pub"), "utf8").split(" ").slice(0, 2).join(" ")
  return {
    origin: `ssh://${userInfo().username}@127.0.0.1:${port}`,
    key: readFileSync(at("user"), "utf8"),
    strangersKey: readFileSync(at("stranger"), "utf8"),
    knownHosts: `[127.0.0.1]:${port} ${hostKey}`,
    [Symbol.asyncDispose]: dispose,
  }
}

const settings = (port: number, folder: string): string =>
  [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/authorized`,
    `PidFile ${folder}/pid`,
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin prohibit-password",
    "StrictModes no",
    "UsePAM no",
    "",
  ].join("\n")

const untilItListens = async (port: number): Promise<void> => {
  for (;;) {
    const socket = connect(port, "127.0.0.1")
    const listens = await once(socket, "connect").then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (listens) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
