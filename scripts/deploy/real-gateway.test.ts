import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { parser } from "@prometheus-io/lezer-promql"
import { afterAll, beforeAll, expect, test } from "vitest"
import { z } from "zod"
import { type House, startHouse } from "../../packages/testkit/src/index.ts"
import { objectsByFile } from "./kubernetes-objects.ts"

const root = resolve(import.meta.dirname, "../..")
const objects = [...objectsByFile().values()].flat()

let house: House
let metrics: string
beforeAll(async () => {
  house = await startHouse({
    modelUrl: "http://127.0.0.1:9/v1",
    deepWorkers: 0,
    env: { TWOLANE_READY_LANES: "" },
  })
  metrics = await (await fetch(`${house.url}/metrics`)).text()
})
afterAll(() => house[Symbol.asyncDispose]())

const Scaled = z.looseObject({
  spec: z.looseObject({
    minReplicaCount: z.number(),
    scaleTargetRef: z.object({ kind: z.string(), name: z.string(), apiVersion: z.string() }),
    triggers: z.array(
      z.looseObject({
        type: z.literal("metrics-api"),
        metadata: z.strictObject({
          url: z.string(),
          format: z.literal("prometheus"),
          valueLocation: z.string(),
          targetValue: z.string().regex(/^\d+$/),
        }),
      }),
    ),
  }),
})

test("KEDA finds each number that it asks for at a gateway's own address", async () => {
  const scaled = objects.filter(({ kind }) => kind === "ScaledObject").map(object => Scaled.parse(object))
  expect(scaled.map(({ spec }) => spec.scaleTargetRef.name).toSorted()).toEqual([
    "deep-worker",
    "fast-worker",
  ])
  for (const { spec } of scaled) {
    const { kind, name } = spec.scaleTargetRef
    expect(objects.some(object => object.kind === kind && object.metadata?.name === name)).toBe(true)
    // With none there, nobody would ever say that one is wanted for a lane of which all were scaled away.
    expect(spec.minReplicaCount).toBeGreaterThan(0)
    for (const { metadata } of spec.triggers) {
      expect(metrics.split("\n")).toContain(`${metadata.valueLocation} 0`)
      const { hostname, port, pathname } = new URL(metadata.url)
      expect([hostname, port, pathname]).toEqual(["gateway.twolane.svc", "4200", "/metrics"])
    }
  }
})

test("every probe asks a route that answers", async () => {
  const Probe = z.looseObject({ httpGet: z.object({ path: z.string(), port: z.literal("http") }) })
  const gateway = JSON.stringify(objects.find(({ kind }) => kind === "Deployment"))
  const probes = [...gateway.matchAll(/"\w+Probe":(\{"httpGet":\{.*?\}[^}]*\})/g)].map(([, text = ""]) =>
    Probe.parse(JSON.parse(text)),
  )
  expect(probes.map(({ httpGet }) => httpGet.path)).toEqual(["/healthz", "/healthz", "/readyz"])
  for (const { httpGet } of probes) expect((await fetch(house.url + httpGet.path)).status).toBe(200)
})

test("every metric of the alerts, objectives and the dashboard is one that a gateway shows", () => {
  const texts = ["prometheus/alerts.yml", "prometheus/slos.yml", "grafana/dashboards/twolane.json"].map(
    path => readFileSync(resolve(root, "infra", path), "utf8"),
  )
  const shown = new Set([...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name))
  const named = texts.flatMap(text => text.match(/\btwolane_[a-z_]+/g) ?? [])
  expect(named.length).toBeGreaterThan(50)
  const bases = named.map(name => (shown.has(name) ? name : name.replace(/_(?:bucket|count|sum)$/, "")))
  expect([...new Set(bases)].filter(name => !shown.has(name))).toEqual([])
})

test("what KEDA asks for is also a selector in Prometheus' own grammar, as KEDA reads it", () => {
  const asked = JSON.stringify(objects).match(/twolane_slot\w+\{lane=\\"(?:fast|deep)\\"\}/g) ?? []
  expect(asked).toHaveLength(4)
  for (const selector of asked) {
    const names: string[] = []
    parser.parse(selector.replaceAll("\\", "")).iterate({ enter: ({ type }) => void names.push(type.name) })
    expect(names).toContain("VectorSelector")
    expect(names).not.toContain("⚠")
  }
})
