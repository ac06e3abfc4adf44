import type { Problem } from "@twolane/protocol"

/** The gateway refused a call; `problem` is its document (RFC 9457). */
export class ClientProblem extends Error {
  readonly problem: Problem & Readonly<Record<string, unknown>>
  readonly status: number
  /** A code of the fault table, or `internal` when something between answered. */
  readonly code: string

  constructor(problem: Problem & Record<string, unknown>) {
    super(problem.detail === "" ? problem.title : problem.detail)
    this.name = "ClientProblem"
    this.problem = problem
    this.status = problem.status
    this.code = problem.code
  }
}

/** The gateway could not be reached, or broke off, in spite of all tries. */
export class Unreachable extends Error {
  constructor(baseUrl: string, cause: unknown) {
    super(`cannot reach ${baseUrl}`, { cause })
    this.name = "Unreachable"
  }
}

/** The problem that a response says; something between us and the gateway may answer without a document. */
export const problemFrom = (response: Response, body: unknown): ClientProblem => {
  if (typeof body === "object" && body !== null && "code" in body && "requestId" in body)
    return new ClientProblem(body as Problem & Record<string, unknown>)
  return new ClientProblem({
    type: "about:blank",
    title: response.statusText === "" ? `HTTP ${response.status}` : response.statusText,
    status: response.status,
    detail: `${new URL(response.url).host} answered ${response.status} without saying why`,
    code: "internal",
    requestId: response.headers.get("x-request-id") ?? "",
    retryable: response.status >= 500,
  })
}
