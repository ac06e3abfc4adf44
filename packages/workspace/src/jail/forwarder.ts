/**
 * Runs in the jail, between its process 1 and the command: programs only speak to proxies over TCP, and the way out of the
 * jail is a Unix socket. It imports nothing of ours, for it is the one file of ours that the jail has.
 */
import { spawn } from "node:child_process"
import { connect, createServer } from "node:net"

const main = (): void => {
  const [socketPath = "", program = "", ...args] = process.argv.slice(2)
  const server = createServer(peer => {
    const way = connect(socketPath)
    peer.on("error", () => way.destroy())
    way.on("error", () => peer.destroy())
    peer.pipe(way).pipe(peer)
  })
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = address !== null && typeof address === "object" ? address.port : 0
    const command = spawn(program, args, { stdio: "inherit", env: { ...process.env, ...proxyEnv(port) } })
    command.once("error", error => {
      process.stderr.write(`${error.message}\n`)
      process.exit(127)
    })
    command.once("exit", (code, signal) => process.exit(signal === null ? (code ?? 1) : 143))
  })
  // The command gets the signal as well; the forwarder must not go before it.
  process.on("SIGTERM", () => {})
}

const proxyEnv = (port: number): Record<string, string> => {
  const proxy = `http://127.0.0.1:${port}`
  const env: Record<string, string> = { NODE_USE_ENV_PROXY: "1" }
  for (const name of ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"]) env[name] = proxy
  for (const name of ["no_proxy", "NO_PROXY"]) env[name] = "localhost,127.0.0.1,::1"
  return env
}

main()
