import { expect, test } from "vitest"
import { readConfig } from "../src/config.ts"

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
  expect(() => archive({})).toThrow("AWS_ACCESS_KEY_ID: must be set")
  expect(() => archive({ ...keys, TWOLANE_ARCHIVE: "s3://History" })).toThrow("TWOLANE_ARCHIVE: must be off")
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
