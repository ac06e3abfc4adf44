import type { Command } from "commander"
import type { Act } from "../commands.ts"
import { mcpCommand } from "./mcp.ts"

/** For other agents. */
export const addMcpCommand = (program: Command, act: Act): void => {
  program
    .command("mcp")
    .description("serve MCP on standard input and output, for other agents (see docs/mcp.md)")
    .action(() => act(mcpCommand))
}
