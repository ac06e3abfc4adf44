import { globSync, readFileSync } from "node:fs"
import { resolve } from "node:path"
import { parseAllDocuments } from "yaml"
import { z } from "zod"

/** Where the manifests lie. */
export const manifests = resolve(import.meta.dirname, "../../infra/kubernetes")

/** Anything that Kubernetes can be told, of which only this much is known. */
export const KubernetesObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }).optional(),
})
export type KubernetesObject = z.infer<typeof KubernetesObject>

/** All objects in a text of YAML documents. @throws Error where it is no YAML */
export const objectsIn = (text: string): KubernetesObject[] =>
  parseAllDocuments(text).map(document => {
    if (document.errors[0] !== undefined) throw document.errors[0]
    return KubernetesObject.parse(document.toJS())
  })

/** The objects of every file, Kustomize's own among them, by the file's path. */
export const objectsByFile = (): Map<string, KubernetesObject[]> =>
  new Map(
    globSync("**/*.yaml", { cwd: manifests })
      .toSorted()
      .map(path => [path, objectsIn(readFileSync(resolve(manifests, path), "utf8"))]),
  )

/** The package's classes; what they check is their `this`. */
const Kind = z.custom<{ prototype: { validate(this: unknown): void } }>(part => typeof part === "function")

/** What is wrong with an object by Kubernetes' or KEDA's own schema of its kind, and the fields that this schema does not have. */
export const faultsOf = async (object: KubernetesObject): Promise<string[]> => {
  const { apiVersion, kind } = object
  const source = apiVersion.startsWith("keda.sh/") ? "@kubernetes-models/keda" : "kubernetes-models"
  const module: Record<string, unknown> = await import(`${source}/${apiVersion}/${kind}`)
  const model = Kind.parse(module[kind]).prototype
  const { watched, unread } = watchReads(object)
  try {
    model.validate.call(watched)
  } catch (error) {
    return [String(error), ...unread()]
  }
  return unread()
}

/**
 * The compiled schemas let unknown fields pass, but they read each field that they know, and list the keys of each map. So what nobody
 * read is a field that Kubernetes does not have: a slip of the pen.
 */
const watchReads = (root: object): { watched: unknown; unread: () => string[] } => {
  const left = new Set<string>()
  const watch = (value: unknown, path: string): unknown => {
    if (typeof value !== "object" || value === null) return value
    const names = new Map(Object.keys(value).map(key => [key, `${path}/${key}`]))
    if (!Array.isArray(value)) for (const name of names.values()) left.add(name)
    const parts = new Map(Object.entries(value).map(([key, part]) => [key, watch(part, `${path}/${key}`)]))
    return new Proxy(value, {
      get: (target, key) => {
        left.delete(names.get(String(key)) ?? "")
        return typeof key === "string" && parts.has(key) ? parts.get(key) : Reflect.get(target, key)
      },
      ownKeys: target => {
        for (const name of names.values()) left.delete(name)
        return Reflect.ownKeys(target)
      },
    })
  }
  return { watched: watch(root, ""), unread: () => [...left].map(path => `${path} is not known`) }
}
