import { z } from "zod"

const line = z.number().int().positive()

const shapes = {
  read_file: z.strictObject({ path: z.string(), offset: line.nullish(), limit: line.nullish() }),
  list_files: z.strictObject({ glob: z.string().min(1) }),
  search: z.strictObject({ pattern: z.string().min(1), glob: z.string().nullish() }),
  shell: z.strictObject({
    command: z.string().min(1),
    workdir: z.string().nullish(),
    timeout_ms: line.nullish(),
  }),
  update_plan: z.strictObject({
    explanation: z.string().nullish(),
    plan: z
      .array(z.strictObject({ step: z.string(), status: z.enum(["pending", "in_progress", "completed"]) }))
      .min(1),
  }),
  apply_patch: z.strictObject({ input: z.string() }),
} as const

export type ToolName = keyof typeof shapes
/** A call whose arguments fit its tool. */
export type ParsedCall = {
  [Name in ToolName]: { name: Name; args: z.infer<(typeof shapes)[Name]> }
}[ToolName]

/** Parses a call's name and arguments; what is wrong with them is said in words that the model can act on. */
export const parseCall = (call: {
  name: string
  input: string
  custom: boolean
}): ParsedCall | { wrong: string } => {
  if (!isToolName(call.name))
    return { wrong: `There is no tool ${call.name}. The tools are ${Object.keys(shapes).join(", ")}.` }
  const raw = call.custom ? { input: call.input } : parseJson(call.input)
  if (raw === undefined) return { wrong: "The arguments are not JSON. Send one JSON object." }
  const parsed = shapes[call.name].safeParse(raw)
  if (!parsed.success) {
    const places = parsed.error.issues.map(
      issue => `${issue.path.join(".") || "arguments"}: ${issue.message}`,
    )
    return { wrong: `The arguments do not fit ${call.name}: ${places.join("; ")}` }
  }
  return { name: call.name, args: parsed.data } as ParsedCall
}

const isToolName = (name: string): name is ToolName => Object.hasOwn(shapes, name)

const parseJson = (input: string): unknown => {
  try {
    return JSON.parse(input) as unknown
  } catch {
    return undefined // the caller tells the model
  }
}
