import { LaneRules } from "@twolane/protocol"
import { z } from "zod"
import { refusePath } from "../patch/paths.ts"
import { refuseGlob } from "./glob.ts"

const command = z.string().trim().min(1, "must not be empty").max(10_000)
const envName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be a variable's name")
const host = z
  .string()
  .regex(
    /^(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/i,
    "must be a host, such as registry.npmjs.org",
  )

const checked = (refuse: (text: string) => string | null) =>
  z.string().check(context => {
    const message = refuse(context.value)
    if (message !== null) context.issues.push({ code: "custom", message, input: context.value })
  })
const glob = checked(refuseGlob)
const folder = checked(text => refusePath(text.replace(/\/$/, ""))).transform(text => text.replace(/\/$/, ""))

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const
/** `500ms`, `120s`, `5m`, `1h`, or a number of seconds; as milliseconds. */
const duration = z.union([z.string(), z.number()]).transform((value, context) => {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$/.exec(String(value)) ?? []
  const ms = Number(amount) * units[(unit ?? "s") as keyof typeof units]
  if (Number.isFinite(ms) && ms >= 1 && ms <= 24 * units.h) return Math.round(ms)
  context.issues.push({
    code: "custom",
    message: "must be a time such as 120s or 5m, at most 24h",
    input: value,
  })
  return z.NEVER
})

const hostsOrAuto = z.union([z.literal("auto"), z.array(host)], {
  error: "must be auto, or a list of hosts",
})
const variable = z.union([z.string(), z.number(), z.boolean()], {
  error: "must be a text, number or true/false",
})
const rules = LaneRules.extend({
  scope: z.array(glob).min(1).optional(),
  protected: z.array(glob).optional(),
})

/** `twolane.yaml` as the contract has it; what is left out gets its default, or is detected where it is optional. */
export const RepoFile = z.strictObject({
  setup: command.optional(),
  test: z
    .strictObject({
      all: command.optional(),
      targeted: command.optional(),
      timeout: duration.default(120_000),
    })
    .prefault({})
    .transform(({ timeout, ...commands }) => ({ ...commands, timeoutMs: timeout })),
  share: z.array(folder).default(["node_modules"]),
  include: z.array(folder).default([]),
  env: z
    .record(envName, variable)
    .default({})
    .transform((env): Record<string, string> => ({ CI: "1", ...mapValues(env, String) })),
  network: z
    .strictObject({ setup: hostsOrAuto.default("auto"), run: z.array(host).default([]) })
    .prefault({}),
  secrets: z.strictObject({ setup: z.array(envName).default([]) }).prefault({}),
  submodules: z.boolean().default(false),
  /** Who may allow at a gate and accept: anyone with the role, or nobody whose own words made the change. */
  approvals: z.strictObject({ by: z.enum(["anyone", "another"]).default("anyone") }).prefault({}),
  guardrails: z
    .strictObject({
      fast: rules.default({}),
      // A deep turn has no other lane to go to.
      deep: rules.omit({ afterCycles: true }).default({}),
      protected: z.array(glob).default([]),
    })
    .prefault({}),
})
export type RepoFile = z.infer<typeof RepoFile>

const mapValues = <From, To>(record: Record<string, From>, map: (value: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
