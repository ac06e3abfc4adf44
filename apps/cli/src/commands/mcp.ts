import { type Context, findAccess } from "../connect.ts"
import { exitCodes } from "../exit.ts"
import { bridge } from "../mcp/bridge.ts"

/** `twolane mcp`: serves MCP on standard input and output, until the input ends. */
export const mcpCommand = async ({ client, output, signal }: Context): Promise<number> => {
  // A client of MCP shows this process's end better than an error of each call.
  await client.me()
  await bridge(findAccess(), line => output.note(`twolane: ${line}`), signal)
  return exitCodes.succeeded
}
