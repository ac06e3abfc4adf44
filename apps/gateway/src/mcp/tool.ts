import type { CallToolResult, ToolAnnotations, Tool as ToolDefinition } from "@modelcontextprotocol/server"
import { Fault, problemOf } from "@twolane/protocol"
import { z } from "zod"
import { schemaPlaces } from "../http/problem.ts"
import { Refused } from "../inside/asking.ts"
import type { Asking } from "./asking.ts"

/** What a tool answers: a value that fits its output schema, or text. */
export type Said = { value: Record<string, unknown> } | { text: string }

/** One tool of the MCP server. */
export type Tool = {
  name: string
  /** As `tools/list` shows it. */
  define(): ToolDefinition
  /** @throws Refused */
  call(asking: Asking, given: unknown): Promise<CallToolResult>
}

type Given<Input extends z.ZodObject> = {
  name: string
  title: string
  description: string
  annotations: Required<Omit<ToolAnnotations, "title">>
  input: Input
  output?: z.ZodObject
  act(asking: Asking, input: z.infer<Input>): Promise<Said>
}

/** Makes a tool whose arguments are parsed before it acts; wrong ones are refused as a route refuses them. */
export const tool = <Input extends z.ZodObject>(given: Given<Input>): Tool => ({
  name: given.name,
  define: () => ({
    name: given.name,
    title: given.title,
    description: given.description,
    annotations: given.annotations,
    inputSchema: jsonSchemaOf(given.input, "input"),
    ...(given.output === undefined ? {} : { outputSchema: jsonSchemaOf(given.output, "output") }),
  }),
  call: async (asking, args) => {
    const said = await given.act(asking, parseInput(given.input, args, asking.opened.id))
    if ("text" in said) return { content: [{ type: "text", text: said.text }] }
    // As text too, for clients that know no structured content.
    return { content: [{ type: "text", text: JSON.stringify(said.value) }], structuredContent: said.value }
  },
})

const jsonSchemaOf = (schema: z.ZodObject, io: "input" | "output"): ToolDefinition["inputSchema"] =>
  z.toJSONSchema(schema, { io }) as ToolDefinition["inputSchema"]

const parseInput = <Input extends z.ZodObject>(
  schema: Input,
  given: unknown,
  request: string,
): z.infer<Input> => {
  const parsed = schema.safeParse(given ?? {})
  if (parsed.success) return parsed.data
  const errors = schemaPlaces(parsed.error)
  throw new Refused(
    problemOf(new Fault("invalid", "Some arguments are wrong, and nothing was done.", { errors }), request),
  )
}

/** Reads, and changes nothing. */
export const reads = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
} as const

/** Adds something, each time that it is called. */
export const adds = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: false,
} as const

/** Ends, decides or delivers something; a second call finds it done. */
export const settles = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: true,
  openWorldHint: false,
} as const
