export type { FastEnd, FastPlan, FastPorts, FastWorkspace } from "./fast/ports.ts"
export { readAhead } from "./fast/read-ahead.ts"
export { runFastTurn } from "./fast/run-fast-turn.ts"
export { type FileSource, type ScopedFiles, scopeFiles } from "./fast/scope-files.ts"
export type { Journal } from "./journal.ts"
export type { Judge } from "./judge.ts"
export { type Limits, secondsLeft } from "./loop/limits.ts"
export { runTurn } from "./loop/run-turn.ts"
export type { LoopEnd, TurnPlan, TurnPorts } from "./loop/turn.ts"
export type {
  CheckpointResult,
  CommandRequest,
  CommandResult,
  PatchResult,
  ReadResult,
  Saved,
  TestsResult,
  Workspace,
} from "./ports.ts"
export { type DeepPrompt, deepInstructions, deepRequest } from "./prompt/deep.ts"
export { type FastPrompt, fastInstructions } from "./prompt/fast.ts"
export { packetInWords } from "./prompt/packet.ts"
