import type { Tool } from "./tool.ts"
import { actTools } from "./tools/act.ts"
import { compareTool } from "./tools/compare.ts"
import { diffTool } from "./tools/diff.ts"
import { lookTools } from "./tools/look.ts"
import { submitTools } from "./tools/submit.ts"
import { watchTool } from "./tools/watch.ts"

/** Every tool, in the order in which they are mostly used. */
export const tools: readonly Tool[] = [
  ...submitTools,
  watchTool,
  ...lookTools,
  compareTool,
  diffTool,
  ...actTools,
]
