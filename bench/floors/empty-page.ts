import { once } from "node:events"
import { readFile } from "node:fs/promises"
import { createServer, type ServerResponse } from "node:http"
import { extname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { makeTempFolder } from "@twolane/testkit"

/** A page of the same framework that shows one heading, served by nothing but node:http. */
export type EmptyPage = AsyncDisposable & { readonly url: string }

const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" }

/** Builds it and serves it, compressed as the gateway serves the page. */
export const serveEmptyPage = async (): Promise<EmptyPage> => {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await makeTempFolder("twl-empty-page-"))
  const root = fileURLToPath(new URL("../../apps/dashboard/empty-page", import.meta.url))
  const vite = (await import(import.meta.resolve("vite", `file://${root}/`))) as typeof import("vite")
  const options = { outDir: folder.path, emptyOutDir: true, modulePreload: { polyfill: false } }
  await vite.build({ root, configFile: false, logLevel: "error", build: { target: "es2023", ...options } })
  const packed = new Map<string, Buffer>()
  const answer = async (path: string, response: ServerResponse): Promise<void> => {
    const body = packed.get(path) ?? gzipSync(await readFile(join(folder.path, path)))
    packed.set(path, body)
    const type = types[extname(path)] ?? "application/octet-stream"
    response.writeHead(200, { "content-type": type, "content-encoding": "gzip" }).end(body)
  }
  const server = createServer((request, response) => {
    const path = request.url === "/" ? "/index.html" : (request.url ?? "")
    // Such as the icon, which a browser asks for by itself.
    answer(path, response).catch(() => response.writeHead(404).end())
  })
  opened.defer(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, "close")
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("the page has no port")
  const all = opened.move()
  return { url: `http://127.0.0.1:${address.port}/`, [Symbol.asyncDispose]: () => all.disposeAsync() }
}
