import { Fault, type FaultCode, type FaultPlace, isFault } from "@twolane/protocol"
import type { FastifyError } from "fastify"
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod"
import type { z } from "zod"

/** The media type of RFC 9457. */
export const problemType = "application/problem+json"

/** What a route threw, as a fault of the table; anything that nobody foresaw is `internal`. */
export const faultOf = (error: unknown): Fault => {
  if (isFault(error)) return error
  if (hasZodFastifySchemaValidationErrors(error)) return schemaFault(error)
  if ((error as { by?: unknown } | null)?.by === "shutdown")
    return new Fault("shutting-down", "Another gateway, or this one in a moment, answers.")
  const { code, statusCode } = error as Partial<FastifyError>
  const known = code === undefined ? undefined : frameworkFaults[code]
  if (known !== undefined) return new Fault(known.code, known.detail, { cause: error })
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new Fault("bad-request", "The request could not be read.", { cause: error })
  return new Fault("internal", "The log has the details under this request id.", { cause: error })
}

const frameworkFaults: Record<string, { code: FaultCode; detail: string } | undefined> = {
  FST_ERR_MAX_PARAM_LENGTH: { code: "not-found", detail: "There is no such thing." },
  FST_ERR_CTP_BODY_TOO_LARGE: { code: "body-too-large", detail: "Send less." },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: "unsupported-media-type", detail: "The body must be JSON." },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: "bad-request",
    detail: "The body is not as long as Content-Length says.",
  },
}

type Issue = { instancePath: string; message?: string; keyword: string; params: Record<string, unknown> }

const schemaFault = (error: Omit<FastifyError, "validation"> & { validation: Issue[] }): Fault => {
  const { validation, validationContext } = error
  if (validationContext === "params") return new Fault("not-found", noSuch(validation))
  return new Fault("invalid", "Some fields are wrong; see errors.", { errors: placesOf(validation) })
}

const nouns: Record<string, string | undefined> = { id: "task", name: "repo", gate: "gate", key: "secret" }

/** An id that cannot be one answers as an id that is not there. */
const noSuch = (issues: readonly Issue[]): string =>
  `There is no such ${nouns[issues[0]?.instancePath.slice(1) ?? ""] ?? "thing"}.`

const maxPlaces = 50

/** The places of a zod error, for what is parsed outside the framework. */
export const schemaPlaces = (error: z.ZodError): FaultPlace[] =>
  placesOf(
    error.issues.map(({ path, message, code, ...params }) => ({
      instancePath: `/${path.join("/")}`,
      message,
      keyword: code,
      params,
    })),
  )

const placesOf = (issues: readonly Issue[]): FaultPlace[] =>
  issues
    .flatMap(({ instancePath, message, keyword, params }) => {
      const path = instancePath.slice(1).replaceAll("/", ".")
      if (keyword !== "unrecognized_keys") return [{ path, message: message ?? "is wrong" }]
      const keys = Array.isArray(params.keys) ? params.keys.map(String) : []
      return keys.map(key => ({ path: path === "" ? key : `${path}.${key}`, message: "unknown field" }))
    })
    .slice(0, maxPlaces)
