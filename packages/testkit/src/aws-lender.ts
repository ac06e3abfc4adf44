import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import type { S3Double } from "./s3.ts"

/** The places at Amazon that lend a role's keys: the token service, what is beside a container, and an instance's metadata. */
export type AwsLender = AsyncDisposable & {
  endpoint: string
  /** How often keys were lent. */
  lent: () => number
  /** For so long from now what is lent next holds. */
  lifeMs: number
  /** Refuses from now on, or no more. */
  refuse: (refusing: boolean) => void
}

/** What each place wants to hear. */
export const awsSecrets = {
  roleArn: "arn:aws:iam::123456789012:role/history",
  webIdentity: "eyJ.of.the.cluster",
  container: "Basic of-the-container",
}

const refusal = "<Error><Code>AccessDenied</Code><Message>says the lender</Message></Error>"

/** Lends the keys of a storage that wants a session token. */
export const startAwsLender = async (s3: S3Double): Promise<AwsLender> => {
  let lent = 0
  let refusing = false
  const lender = { lifeMs: 3_600_000 }
  const keys = () => {
    lent += 1
    return {
      AccessKeyId: s3.keyId,
      SecretAccessKey: s3.secret,
      Token: s3.sessionToken,
      Expiration: new Date(Date.now() + lender.lifeMs).toISOString(),
    }
  }
  const answer = async (request: IncomingMessage): Promise<string | null> => {
    const { method, url, headers } = request
    const body = await text(request)
    if (refusing) return null
    switch (`${method} ${url}`) {
      case "POST /": {
        const asked = Object.fromEntries(new URLSearchParams(body))
        const right =
          asked.Action === "AssumeRoleWithWebIdentity" &&
          asked.RoleArn === awsSecrets.roleArn &&
          asked.WebIdentityToken === awsSecrets.webIdentity &&
          asked.RoleSessionName !== ""
        if (!right) return null
        const { Token, ...rest } = keys()
        const parts = Object.entries({ ...rest, SessionToken: Token })
        return `<Credentials>${parts.map(([name, value]) => `<${name}>${value}</${name}>`).join("")}</Credentials>`
      }
      case "GET /container":
        return headers.authorization === awsSecrets.container ? JSON.stringify(keys()) : null
      case "PUT /latest/api/token":
        return headers["x-aws-ec2-metadata-token-ttl-seconds"] === undefined ? null : "of-the-instance"
      case "GET /latest/meta-data/iam/security-credentials/":
        return headers["x-aws-ec2-metadata-token"] === "of-the-instance" ? "history-role\n" : null
      case "GET /latest/meta-data/iam/security-credentials/history-role":
        return headers["x-aws-ec2-metadata-token"] === "of-the-instance" ? JSON.stringify(keys()) : null
      default:
        return null
    }
  }
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const said = await answer(request)
    response.writeHead(said === null ? 403 : 200).end(said ?? refusal)
  }
  const server = createServer((request, response) => void serve(request, response))
  await once(server.listen(0, "127.0.0.1"), "listening")
  return Object.assign(lender, {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lent: () => lent,
    refuse: (now: boolean) => {
      refusing = now
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  })
}
