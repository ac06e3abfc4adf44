import type { FastifyRequest } from "fastify"
import type { Asking as InsideAsking } from "../inside/asking.ts"

/** Who asks for something by MCP, and through what. */
export type Asking = InsideAsking & {
  opened: FastifyRequest
  /** Ends when the caller has left, or the gateway must end. */
  left: AbortSignal
  /** Tells the caller how it goes on, where it asked to hear that. */
  tell(message: string): Promise<void>
}
