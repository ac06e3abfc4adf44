import { execFileSync, spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import type { IncomingMessage, ServerResponse } from "node:http"
import { createServer } from "node:https"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { makeTempFolder } from "./temp.ts"

/** A git server over https on the loopback, with basic authentication: what a private source is. */
export type HttpsRemote = AsyncDisposable & {
  /** `https://localhost:<port>`; repositories are below it, by their path under `root`. */
  origin: string
  /** The certificate to trust. */
  ca: string
  /** What the requests were authorized with, in order; null for none. */
  seen: (string | null)[]
  /** Lets in another user and token from now on, and nobody else. */
  admit: (user: Login) => void
  /** Called at each authorized request, with its path and query; the request waits for what it does. */
  onRequest: (act: (path: string) => unknown) => void
  /** So many pushes are done from now on without their answers: the connection breaks when they have happened. */
  loseAnswers: (count: number) => void
}

/** A user's name and token. */
export type Login = { user: string; token: string }

/** Whether this machine has what makes a certificate. */
export const hasOpenssl = (): boolean => existsSync("/usr/bin/openssl")

/** Serves the bare repositories below `root`, or sends everyone on to `redirect`; the certificate holds for `address`, too. */
export const startHttpsRemote = async (
  root: string,
  login: Login | null,
  { redirect, address }: { redirect?: string; address?: string } = {},
): Promise<HttpsRemote> => {
  const folder = await makeTempFolder("twl-tls-")
  const [key, cert] = [join(folder.path, "key.pem"), join(folder.path, "cert.pem")]
  const names = `DNS:localhost${address === undefined ? "" : `,IP:${address}`}`
  const subject = ["-subj", "/CN=localhost", "-addext", `subjectAltName=${names}`]
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
  execFileSync("openssl", ["req", ...kind, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" })
  const seen: (string | null)[] = []
  let expected = login
  let act: (path: string) => unknown = () => {}
  let lost = 0
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    const { authorization } = request.headers
    const given = authorization?.startsWith("Basic ") ? atob(authorization.slice(6)) : null
    seen.push(given)
    if (redirect !== undefined)
      return response.writeHead(302, { location: `${redirect}${request.url}` }).end()
    if (expected !== null && given !== `${expected.user}:${expected.token}`)
      return response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end()
    void Promise.resolve(act(request.url ?? "")).then(() => {
      const isLost = lost > 0 && isPush(request)
      if (isLost) lost -= 1
      serve(root, request, response, isLost)
    })
  })
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve))
  return {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    ca: cert,
    seen,
    admit: next => {
      expected = next
    },
    onRequest: next => {
      act = next
    },
    loseAnswers: count => {
      lost = count
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      await folder[Symbol.asyncDispose]()
    },
  }
}

const isPush = ({ method, url }: IncomingMessage): boolean =>
  method === "POST" && url?.endsWith("/git-receive-pack") === true

/** `git http-backend` by CGI. */
const serve = (root: string, request: IncomingMessage, response: ServerResponse, isLost: boolean): void => {
  const url = new URL(request.url ?? "/", "https://localhost")
  const backend = spawn("git", ["-c", "http.receivepack=true", "http-backend"], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      HTTP_GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      REMOTE_USER: "somebody",
    },
    stdio: ["pipe", "pipe", "ignore"],
  })
  request.pipe(backend.stdin)
  backend.stdin.on("error", () => undefined)
  if (isLost) {
    backend.stdout.resume()
    return void backend.once("close", () => response.destroy())
  }
  let head = Buffer.alloc(0)
  backend.stdout.on("data", (chunk: Buffer) => {
    if (response.headersSent) return void response.write(chunk)
    head = Buffer.concat([head, chunk])
    const end = head.indexOf("\r\n\r\n")
    if (end < 0) return
    const headers = head
      .toString("latin1", 0, end)
      .split("\r\n")
      .map(line => line.split(": ") as [string, string])
    const status = headers.find(([name]) => name === "Status")?.[1] ?? "200"
    response.writeHead(
      Number.parseInt(status, 10),
      Object.fromEntries(headers.filter(([name]) => name !== "Status")),
    )
    response.write(head.subarray(end + 4))
  })
  backend.stdout.on("end", () => response.end())
}
