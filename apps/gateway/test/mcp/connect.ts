import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client"

/** The official client, connected; closing is the caller's. `auto` speaks the protocol of 2026, `legacy` that of 2025. */
export const connectMcp = async (
  url: string,
  key: string,
  mode: "auto" | "legacy" = "auto",
): Promise<Client & AsyncDisposable> => {
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } })
  const headers = { authorization: `Bearer ${key}` }
  await client.connect(new StreamableHTTPClientTransport(new URL("/mcp", url), { requestInit: { headers } }))
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() })
}

/** What a tool answered: its value and its text, and whether it refused. */
export type Told = { value: Record<string, unknown>; text: string; refused: boolean }

/** Calls a tool. */
export const callTool = async (
  client: Client,
  name: string,
  args: Record<string, unknown> = {},
  onprogress?: (message: string | undefined) => void,
): Promise<Told> => {
  const { content, structuredContent, isError } = await client.callTool(
    { name, arguments: args },
    onprogress === undefined ? {} : { onprogress: ({ message }) => onprogress(message) },
  )
  const [first] = content
  return {
    value: (structuredContent ?? {}) as Record<string, unknown>,
    text: first?.type === "text" ? first.text : "",
    refused: isError === true,
  }
}
