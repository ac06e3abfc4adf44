import { readFile } from "node:fs/promises"
import type { S3Identity, S3Role } from "@twolane/common"
import { z } from "zod"
import { valuesIn } from "./xml.ts"

/** What requests to S3 are signed with. */
export type S3Keys = { keyId: string; secret: string; sessionToken?: string | undefined }
type Lent = S3Keys & { untilAt: number }

/** New keys are asked for so long before the ones that we have are over; as long as these hold, a failure of that is none. */
const marginMs = 5 * 60_000
/** Who lends keys answers from beside us. Where there is no such place, nobody waits for long. */
const timeoutMs = 5_000
const mostErrorChars = 300

/** The keys of an identity: those that were set, or those that its role is lent, asked for again in time. */
export const keysOf = (identity: S3Identity): (() => Promise<S3Keys>) => {
  if (!("role" in identity)) return async () => identity
  let lent: Lent | null = null
  let asking: Promise<Lent> | null = null
  const ask = async (): Promise<Lent> => {
    try {
      lent = await borrow(identity.role)
      return lent
    } catch (error) {
      if (lent !== null && lent.untilAt > Date.now()) return lent
      throw error
    } finally {
      asking = null
    }
  }
  return async () => {
    if (lent !== null && lent.untilAt - marginMs > Date.now()) return lent
    asking ??= ask()
    return await asking
  }
}

const borrow = async (role: S3Role): Promise<Lent> => {
  switch (role.from) {
    case "web-identity":
      return await byWebIdentity(role)
    case "container":
      return await byContainer(role)
    case "instance":
      return await byInstance(role)
    default:
      return role satisfies never
  }
}

/** A token that the cluster writes for a service account (IRSA), for a role's keys. */
const byWebIdentity = async (role: Extract<S3Role, { from: "web-identity" }>): Promise<Lent> => {
  const body = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: role.roleArn,
    RoleSessionName: role.sessionName,
    // The cluster writes a new one from time to time.
    WebIdentityToken: (await readFile(role.tokenFile, "utf8")).trim(),
  })
  const xml = await textOf("AWS_ROLE_ARN", `${role.endpoint}/`, { method: "POST", body })
  const value = (name: string) => valuesIn(xml, name)[0]
  return lentOf("AWS_ROLE_ARN", {
    AccessKeyId: value("AccessKeyId"),
    SecretAccessKey: value("SecretAccessKey"),
    Token: value("SessionToken"),
    Expiration: value("Expiration"),
  })
}

/** What ECS, and EKS for a pod's identity, have beside a container. */
const byContainer = async ({
  url,
  token,
  tokenFile,
}: Extract<S3Role, { from: "container" }>): Promise<Lent> => {
  const who = tokenFile === null ? token : (await readFile(tokenFile, "utf8")).trim()
  const headers = who === null ? {} : { authorization: who }
  const what = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
  return lentOf(what, parsed(what, await textOf(what, url, { headers })))
}

/** The role of an EC2 instance, by version 2 of its metadata service. */
const byInstance = async ({ endpoint }: Extract<S3Role, { from: "instance" }>): Promise<Lent> => {
  const what = "AWS_ACCESS_KEY_ID is not set, and the role of this instance"
  const ttl = { "x-aws-ec2-metadata-token-ttl-seconds": "300" }
  const token = await textOf(what, `${endpoint}/latest/api/token`, { method: "PUT", headers: ttl })
  const headers = { "x-aws-ec2-metadata-token": token }
  const roles = `${endpoint}/latest/meta-data/iam/security-credentials/`
  const [name = ""] = (await textOf(what, roles, { headers })).split("\n")
  const keys = await textOf(what, `${roles}${encodeURIComponent(name.trim())}`, { headers })
  return lentOf(what, parsed(what, keys))
}

const Answer = z.object({
  AccessKeyId: z.string().min(1),
  SecretAccessKey: z.string().min(1),
  Token: z.string().min(1),
  Expiration: z.string().transform(Date.parse).pipe(z.number().int()),
})

const lentOf = (what: string, answer: unknown): Lent => {
  const found = Answer.safeParse(answer)
  if (!found.success) throw new Error(`no keys for S3 (${what}): the answer has none`)
  const { AccessKeyId: keyId, SecretAccessKey: secret, Token: sessionToken, Expiration: untilAt } = found.data
  return { keyId, secret, sessionToken, untilAt }
}

const parsed = (what: string, text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`no keys for S3 (${what}): the answer is no JSON`, { cause: error })
  }
}

const textOf = async (what: string, url: string, init: RequestInit): Promise<string> => {
  try {
    const answer = await fetch(url, { ...init, redirect: "error", signal: AbortSignal.timeout(timeoutMs) })
    const text = await answer.text()
    if (answer.ok) return text
    const said = [valuesIn(text, "Code")[0], valuesIn(text, "Message")[0]].filter(word => word !== undefined)
    throw new Error(`${answer.status} ${said.join(": ")}`.trim())
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const words = `no keys for S3 (${what}): ${new URL(url).origin} says ${why}`
    throw new Error(words.slice(0, mostErrorChars), { cause: error })
  }
}
