import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client"
import {
  isJSONRPCRequest,
  isJSONRPCResponse,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type RequestId,
} from "@modelcontextprotocol/server"
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio"
import type { Access } from "../connect.ts"
import { failureWords } from "./failure-words.ts"

type Open = { request: JSONRPCRequest; stop: AbortController }

/**
 * Carries messages of MCP between this process's standard input and output and a gateway's `/mcp`, as they are: the tools are those of the
 * gateway. Ends with the input, or with the signal. A request that could not be carried is answered with an error; what is wrong beside
 * that goes to `note`.
 */
export const bridge = async (
  { url, apiKey }: Access,
  note: (line: string) => void,
  signal: AbortSignal,
): Promise<void> => {
  const headers = { authorization: `Bearer ${apiKey}` }
  const near = new StdioServerTransport()
  const far = new StreamableHTTPClientTransport(new URL("/mcp", url), { requestInit: { headers } })
  const open = new Map<RequestId, Open>()
  const ended = Promise.withResolvers<void>()
  const answer = (message: JSONRPCMessage): void => {
    near.send(message).catch(() => ended.resolve()) // whoever read the output is gone
  }
  const fail = (id: RequestId, error: unknown): void => {
    if (!open.delete(id)) return
    const message = failureWords(url, error)
    note(message)
    answer({ jsonrpc: "2.0", id, error: { code: internalError, message } })
  }
  const ask = async (request: JSONRPCRequest): Promise<void> => {
    const { id } = request
    const stop = new AbortController()
    open.set(id, { request, stop })
    try {
      await far.send(request, {
        requestSignal: stop.signal,
        onRequestStreamEnd: () => fail(id, new Error("the gateway ended its answer; ask again")),
      })
    } catch (error) {
      fail(id, error)
    }
  }
  /** Over HTTP a request is cancelled by hanging up. */
  const cancel = (id: RequestId | undefined): void => {
    const canceled = id === undefined ? undefined : open.get(id)
    if (canceled === undefined) return
    open.delete(canceled.request.id)
    canceled.stop.abort()
  }
  far.onmessage = message => {
    if (isJSONRPCResponse(message) && message.id !== undefined) {
      const asked = open.get(message.id)?.request
      open.delete(message.id)
      if (asked?.method === "initialize" && isJSONRPCResultResponse(message))
        far.setProtocolVersion(String(message.result.protocolVersion))
    }
    answer(message)
  }
  near.onmessage = message => {
    if (isJSONRPCRequest(message)) return void ask(message)
    if ("method" in message && message.method === "notifications/cancelled")
      return cancel(message.params?.requestId as RequestId | undefined)
    far.send(message).catch((error: unknown) => note(failureWords(url, error)))
  }
  near.onerror = error => note(`standard input: ${error.message}`)
  near.onclose = ended.resolve
  const stop = () => ended.resolve()
  signal.addEventListener("abort", stop, { once: true })
  await far.start()
  await near.start()
  await ended.promise
  signal.removeEventListener("abort", stop)
  // Nobody reads the answers to what is still open.
  open.clear()
  await far.close()
  await near.close()
}

/** JSON-RPC's code for what went wrong on the way. */
const internalError = -32_603
