/** An error as the API answers it: `{ error: { message, type, param, code } }` with its HTTP status and headers. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string | null
  readonly param: string | null
  readonly headers: Record<string, string>

  constructor(
    status: number,
    message: string,
    rest: { code?: string; param?: string; headers?: Record<string, string> } = {},
  ) {
    super(message)
    this.name = "ApiError"
    this.status = status
    this.code = rest.code ?? null
    this.param = rest.param ?? null
    this.headers = rest.headers ?? {}
  }
}

/** The `error` object of an answer or a socket's error event. */
export const errorBody = (error: ApiError): Record<string, string | null> => ({
  message: error.message,
  type: errorType(error.status),
  param: error.param,
  code: error.code,
})

const errorType = (status: number): string => {
  if (status === 429) return "rate_limit_error"
  if (status >= 500) return "server_error"
  return "invalid_request_error"
}
