export type { AccessStore, Session } from "./access/port.ts"
export type { NewAuditRecord } from "./audit/port.ts"
export type {
  ChatChange,
  ChatRow,
  RowSettled,
  TakenRow,
  Talk,
} from "./chat/port.ts"
export type { DiskReport, RepoReport } from "./disk/port.ts"
export type { Incoming, Received, Settled } from "./inbox/port.ts"
export { fleetMetrics } from "./kpis/metrics.ts"
export { openStore } from "./open.ts"
export type {
  AbortCause,
  Attempt,
  Change,
  ChangeResult,
  Idempotent,
  NewTask,
  RunTurn,
  Store,
  StoreCheck,
  StoreOptions,
  TaskFilter,
  TaskRef,
  Total,
  WorkerHandle,
  WorkerOptions,
} from "./port.ts"
export type { Effect, EffectResult } from "./task/effect.ts"
export { beforeCreation } from "./task/packs.ts"
export type { Told } from "./webhooks/port.ts"
export type { DirectRefusal, DirectTurn, DirectWish } from "./worker/direct.ts"
export type { Door, Doors, DoorsOf, ForTurn, Ways } from "./worker/doors.ts"
