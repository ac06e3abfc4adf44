import { oneLine } from "@twolane/common/clean"
import { z } from "zod"

const Input = z.looseObject({
  command: z.string().optional(),
  path: z.string().optional(),
  pattern: z.string().optional(),
  glob: z.string().optional(),
})

/** What a tool call does, on one line: `$ npm test`, `read src/a.ts`. Patches are told by their files, once applied. */
export const toolLabel = (tool: string, input: unknown): string => {
  const { command, path, pattern, glob } = Input.safeParse(input).data ?? {}
  if (tool === "shell" && command !== undefined) return `$ ${oneLine(command, 200)}`
  const about = [pattern, path, glob].filter(part => part !== undefined).map(part => oneLine(part, 100))
  return [oneLine(tool, 40), ...about].join(" ")
}
