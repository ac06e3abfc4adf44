import { patchGrammar } from "@twolane/common/patch/grammar"
import type { ToolSpec } from "../model/port.ts"

const object = (properties: Record<string, unknown>, required: string[]) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
})

const text = (description: string) => ({ type: "string", description })
const count = (description: string) => ({ type: "integer", minimum: 1, description })

const readFile: ToolSpec = {
  type: "function",
  name: "read_file",
  description: "Reads a text file of the repository. Lines are counted from 1.",
  parameters: object(
    {
      path: text("Path from the repository's root."),
      offset: count("First line."),
      limit: count("How many lines."),
    },
    ["path"],
  ),
}

const listFiles: ToolSpec = {
  type: "function",
  name: "list_files",
  description:
    "Lists files of the repository that match a glob such as src/**/*.ts; files that git ignores are left out.",
  parameters: object({ glob: text("The glob.") }, ["glob"]),
}

const search: ToolSpec = {
  type: "function",
  name: "search",
  description: "Finds lines that match a regular expression, as path:line:text.",
  parameters: object(
    { pattern: text("The regular expression."), glob: text("Only files that match this glob.") },
    ["pattern"],
  ),
}

const applyPatch: ToolSpec = {
  type: "custom",
  name: "apply_patch",
  description:
    "Changes files by a patch: *** Begin Patch, then sections *** Add File, *** Update File (with optional *** Move to) or *** Delete File, then *** End Patch. It applies wholly or not at all.",
  grammar: patchGrammar,
}

const shell: ToolSpec = {
  type: "function",
  name: "shell",
  description: "Runs a shell command in the workspace, in a jail without network.",
  parameters: object(
    {
      command: text("The command line, for sh."),
      workdir: text("Folder to run it in, from the repository's root."),
      timeout_ms: count("Milliseconds after which it is ended (default 120000, at most 540000)."),
    },
    ["command"],
  ),
}

const updatePlan: ToolSpec = {
  type: "function",
  name: "update_plan",
  description: "States the plan, or how far along it is. At most one step is in_progress.",
  parameters: object(
    {
      explanation: text("Why the plan changed."),
      plan: {
        type: "array",
        items: object(
          {
            step: text("One step."),
            status: { type: "string", enum: ["pending", "in_progress", "completed"] },
          },
          ["step", "status"],
        ),
      },
    },
    ["plan"],
  ),
}

const reading = [readFile, listFiles, search]

/** The tools of a deep turn; while its plan waits to be allowed, only those that change nothing. */
export const deepTools = (planning: boolean): ToolSpec[] =>
  planning ? [...reading, updatePlan] : [...reading, applyPatch, shell, updatePlan]

/** The tools of a fast turn: the patch first, and commands only where the policy allows them. */
export const fastTools = (commands: boolean): ToolSpec[] =>
  commands ? [applyPatch, ...reading, shell] : [applyPatch, ...reading]

/** Tools that only look: those of one step run side by side. */
export const isReading = (name: string): boolean => reading.some(tool => tool.name === name)
