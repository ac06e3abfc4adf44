import { spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { dirname, join, normalize, resolve } from "node:path"
import { readConfig, settingNames } from "@twolane/common"
import { describe, expect, test } from "vitest"
import { z } from "zod"
import { faultsOf, type KubernetesObject, manifests, objectsByFile, objectsIn } from "./kubernetes-objects.ts"

const root = resolve(import.meta.dirname, "../..")
const files = objectsByFile()
const isKustomize = ({ kind }: KubernetesObject) => kind === "Kustomization" || kind === "Component"
const objects = [...files.values()].flat().filter(object => !isKustomize(object))

const Container = z.looseObject({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).default([]),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })).default([]),
  securityContext: z.looseObject({}),
})
const Workload = z.looseObject({
  kind: z.enum(["Deployment", "StatefulSet"]),
  metadata: z.object({ name: z.string() }).loose(),
  spec: z.looseObject({
    template: z.looseObject({
      metadata: z.object({ labels: z.record(z.string(), z.string()) }),
      spec: z.looseObject({
        terminationGracePeriodSeconds: z.number(),
        securityContext: z.looseObject({}),
        containers: z.tuple([Container]),
      }),
    }),
  }),
})
const workloads = objects.filter(({ kind }) => kind === "Deployment" || kind === "StatefulSet")
const all = workloads.map(object => Workload.parse(object))
const parts = all.filter(({ metadata }) => metadata.name !== "redis")
const podOf = ({ spec }: z.infer<typeof Workload>) => spec.template.spec
const containerOf = (workload: z.infer<typeof Workload>) => podOf(workload).containers[0]

const settingsOf = (workload: z.infer<typeof Workload>): Record<string, string> => ({
  ...z.record(z.string(), z.string()).parse(objects.find(({ kind }) => kind === "ConfigMap")?.data),
  // What is said of the pod itself is its address.
  ...Object.fromEntries(containerOf(workload).env.map(({ name, value = "10.0.0.7" }) => [name, value])),
  TWOLANE_API_KEY: `twl_${"0".repeat(24)}`,
})

describe("every object fits Kubernetes' or KEDA's schema, and has no other fields", () => {
  test.each(objects.map(object => [`${object.kind} ${object.metadata?.name}`, object] as const))(
    "%s",
    async (_name, object) => {
      expect(await faultsOf(object)).toEqual([])
    },
  )
})

test("a slip of the pen would be found", async () => {
  const [object] = objectsIn("{ apiVersion: apps/v1, kind: Deployment, spec: { replicaz: 2, selector: 7 } }")
  if (object === undefined) throw new Error("the text has an object")
  const faults = await faultsOf(object)
  expect(faults).toContain("/spec/replicaz is not known")
  expect(faults.join()).toContain("data/spec/selector must be object")
})

test("every file is part of one kustomization, and none names a file that is not there", () => {
  const named = [...files].flatMap(([path, [object]]) =>
    object !== undefined && isKustomize(object)
      ? z
          .object({ resources: z.array(z.string()), components: z.array(z.string()).default([]) })
          .loose()
          .transform(({ resources, components }) => [...resources, ...components])
          .parse(object)
          .map(name => normalize(join(dirname(path), name)))
      : [],
  )
  for (const name of named) expect(existsSync(join(manifests, name)), name).toBe(true)
  const plain = [...files].flatMap(([path, [object]]) => (object && isKustomize(object) ? [] : [path]))
  expect(named.filter(name => name.endsWith(".yaml")).toSorted()).toEqual(plain)
})

describe("of each part", () => {
  test.each(parts.map(part => [part.metadata.name, part] as const))("%s", (name, part) => {
    const { command, env, ports } = containerOf(part)
    expect(command).toEqual(["node", `apps/${name}/src/main.ts`])
    expect(existsSync(join(root, command[1] ?? ""))).toBe(true)
    expect(env.map(({ name: setting }) => setting).filter(one => !settingNames.includes(one))).toEqual([])
    const config = readConfig(settingsOf(part))
    expect(config.warnings).toEqual([])
    expect(ports).toEqual(
      name === "gateway"
        ? [{ name: "http", containerPort: config.port }]
        : name === "fast-worker"
          ? [{ name: "fleet", containerPort: config.fleet?.port }]
          : [],
    )
    // A worker has 18 s to let go of everything after it drained (runWorkerProcess), a gateway 10 s after it was told to stop.
    const ownMs = name === "gateway" ? 5_000 + 10_000 : config.drainMs + 18_000
    expect(podOf(part).terminationGracePeriodSeconds * 1_000).toBeGreaterThan(ownMs + 5_000)
  })
})

test("nothing secret is in the files, and every part gets the Secret by its name", () => {
  expect(objects.filter(({ kind }) => kind === "Secret")).toEqual([])
  const told = parts.flatMap(part => containerOf(part).env.map(({ name }) => name))
  expect(told.filter(name => /KEY$|SECRET|TOKEN|PASSWORD|REDIS_URL/.test(name))).toEqual([])
  for (const part of parts)
    expect(containerOf(part)).toMatchObject({
      envFrom: [{ configMapRef: { name: "twolane" } }, { secretRef: { name: "twolane" } }],
    })
  const guide = readFileSync(join(root, "docs/deploy.md"), "utf8")
  const literals = [...guide.matchAll(/--from-literal=([A-Z_]+)=/g)].map(([, name = ""]) => name)
  expect(literals).toEqual(
    expect.arrayContaining(["REDIS_URL", "TWOLANE_API_KEY", "TWOLANE_SECRET_KEY", "OPENAI_API_KEY"]),
  )
  expect(literals.filter(name => !settingNames.includes(name))).toEqual([])
})

test("every image has a version that does not move", () => {
  const images = all.map(workload => containerOf(workload).image)
  for (const image of images) expect(image).toMatch(/:\d+\.\d+(?:\.\d+)?(?:-[a-z]+)?$/)
})

test("gateways and Redis keep to the restricted level; workers are nobody on the node, and may make jails", () => {
  for (const workload of all) {
    const jails = /worker/.test(workload.metadata.name)
    const profile = { type: jails ? "Unconfined" : "RuntimeDefault" }
    expect(podOf(workload).securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: profile })
    expect(containerOf(workload).securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      ...(jails ? {} : { readOnlyRootFilesystem: true }),
    })
    expect(podOf(workload).hostUsers).toBe(jails ? false : undefined)
    expect(containerOf(workload).securityContext.procMount).toBe(jails ? "Unmasked" : undefined)
  }
})

test("network policies name pods and ports that there are", () => {
  const policies = JSON.stringify(objects.filter(({ kind }) => kind === "NetworkPolicy"))
  const ports = all.flatMap(workload => containerOf(workload).ports.map(({ name }) => name))
  const named = [...policies.matchAll(/"port":"([^"]+)"/g)].map(([, name]) => name)
  expect(new Set(named)).toEqual(new Set(ports))
  const pods = all.map(({ metadata }) => metadata.name).toSorted()
  const chosen = [...policies.matchAll(/"app\.kubernetes\.io\/name":"([^"]+)"/g)].map(([, name]) => name)
  expect([...new Set(chosen)].filter(name => !pods.includes(name ?? ""))).toEqual([])
})

/** As a cluster's own tool puts an overlay together. */
const rendered = (overlay: string): KubernetesObject[] => {
  const { status, stdout, stderr } = spawnSync(
    "kubectl",
    ["kustomize", join(manifests, "overlays", overlay)],
    {
      encoding: "utf8",
    },
  )
  if (status !== 0) throw new Error(stderr)
  return objectsIn(stdout)
}

describe.skipIf(spawnSync("kubectl", ["kustomize", "--help"]).status !== 0)("with kubectl", () => {
  test.each(["managed-redis", "with-redis"])(
    "%s renders to valid objects in one namespace",
    async overlay => {
      const made = rendered(overlay)
      for (const object of made) expect(await faultsOf(object)).toEqual([])
      for (const object of made.filter(({ kind }) => kind !== "Namespace"))
        expect(object.metadata).toMatchObject({ namespace: "twolane" })
      const images = made.flatMap(object => JSON.stringify(object).match(/"image":"[^"]+"/g) ?? [])
      expect(images.filter(image => !/registry\.example\.com\/twolane:|redis:7/.test(image))).toEqual([])
    },
  )

  test("where KEDA scales, nothing else says how many workers there are", () => {
    const sets = rendered("managed-redis").filter(({ kind }) => kind === "StatefulSet")
    expect(sets.map(({ metadata }) => metadata?.name)).toEqual(["deep-worker", "fast-worker"])
    for (const { spec } of sets) expect(spec).not.toHaveProperty("replicas")
  })
})
