import { expect, test } from "vitest"
import { readConfig } from "../src/config.ts"
import { historySecrets } from "../src/config-history.ts"

test("finished tasks go to a bucket of S3, or of what speaks as it does, once it has keys", () => {
  const archive = (env: Record<string, string>) =>
    readConfig({ TWOLANE_ARCHIVE: "s3://history/of/us/", ...env }).history.archive
  const keys = { AWS_ACCESS_KEY_ID: "AKIA", AWS_SECRET_ACCESS_KEY: "secret" }
  expect(archive(keys)).toEqual({
    endpoint: "https://s3.us-east-1.amazonaws.com",
    region: "us-east-1",
    bucket: "history",
    prefix: "of/us",
    keyId: "AKIA",
    secret: "secret",
  })
  expect(
    archive({ ...keys, AWS_REGION: "auto", TWOLANE_ARCHIVE_ENDPOINT: "http://minio:9000/" }),
  ).toMatchObject({
    endpoint: "http://minio:9000",
    region: "auto",
  })
  expect(() => archive({ AWS_ACCESS_KEY_ID: "AKIA" })).toThrow("AWS_SECRET_ACCESS_KEY: must be set")
  expect(() => archive({ AWS_SECRET_ACCESS_KEY: "secret" })).toThrow("AWS_ACCESS_KEY_ID: must be set")
  expect(() => archive({ ...keys, TWOLANE_ARCHIVE: "s3://History" })).toThrow("TWOLANE_ARCHIVE: must be off")
})

test("who is asked for keys is found as Amazon's own clients find it, and no token of it is shown", () => {
  const read = (env: Record<string, string>) => readConfig({ TWOLANE_ARCHIVE: "s3://history", ...env })
  const role = (env: Record<string, string>) => {
    const { archive } = read(env).history
    return archive !== null && "role" in archive ? archive.role : archive
  }
  const keys = {
    AWS_ACCESS_KEY_ID: "AKIA",
    AWS_SECRET_ACCESS_KEY: "secret-key",
    AWS_SESSION_TOKEN: "session",
  }
  expect(role(keys)).toMatchObject({ keyId: "AKIA", secret: "secret-key", sessionToken: "session" })
  expect(historySecrets(read(keys).history)).toEqual(["secret-key", "session"])
  const account = { AWS_ROLE_ARN: "arn:aws:iam::1:role/a", AWS_WEB_IDENTITY_TOKEN_FILE: "/var/run/token" }
  expect(role({ ...account, AWS_REGION: "eu-west-1" })).toEqual({
    from: "web-identity",
    roleArn: "arn:aws:iam::1:role/a",
    tokenFile: "/var/run/token",
    sessionName: "twolane",
    endpoint: "https://sts.eu-west-1.amazonaws.com",
  })
  expect(role({ ...account, ...keys })).toMatchObject({ keyId: "AKIA" })
  const beside = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/credentials",
    AWS_CONTAINER_AUTHORIZATION_TOKEN: "of-the-pod",
  }
  expect(role(beside)).toEqual({
    from: "container",
    url: "http://169.254.170.23/v1/credentials",
    token: "of-the-pod",
    tokenFile: null,
  })
  expect(historySecrets(read(beside).history)).toEqual(["of-the-pod"])
  expect(role({ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/credentials/1" })).toMatchObject({
    url: "http://169.254.170.2/v2/credentials/1",
  })
  expect(role({})).toEqual({ from: "instance", endpoint: "http://169.254.169.254" })
  expect(() => role({ AWS_WEB_IDENTITY_TOKEN_FILE: "/t" })).toThrow("AWS_ROLE_ARN: must be set with")
  expect(() => role({ ...account, AWS_WEB_IDENTITY_TOKEN_FILE: "t" })).toThrow("must be an absolute path")
})

test("finished tasks go to a folder that is named, or beside the private Redis; none is deleted before it is archived", () => {
  const history = (env: Record<string, string>) => readConfig(env).history
  expect(history({ TWOLANE_ARCHIVE: "/srv/archive", TWOLANE_ARCHIVE_DAYS: "365" })).toEqual({
    keepDays: 30,
    archive: { folder: "/srv/archive" },
    archiveDays: 365,
  })
  expect(history({ TWOLANE_ARCHIVE: "off", TWOLANE_KEEP_DAYS: "7" })).toEqual({
    keepDays: 7,
    archive: null,
    archiveDays: null,
  })
  expect(history({ REDIS_URL: "redis://127.0.0.1" }).archive).toBeNull()
  expect(() => history({ TWOLANE_ARCHIVE: "archive" })).toThrow(
    "TWOLANE_ARCHIVE: must be off, the absolute path",
  )
  expect(() => history({ TWOLANE_ARCHIVE_DAYS: "30" })).toThrow(
    "must be more than TWOLANE_KEEP_DAYS, which is 30",
  )
})
