export type { AccessStore, Session } from "./access/port.ts"
export { archiveMetrics } from "./archive/counts.ts"
export { openShelf, probeShelf } from "./archive/open-shelf.ts"
export type { ArchivePolicy, ArchiveStore, Swept } from "./archive/port.ts"
export type { Shelf } from "./archive/shelf.ts"
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
export type { Total } from "./kpis/total.ts"
export type { Lease } from "./lease/port.ts"
export { openStore } from "./open.ts"
export type { StoreOptions } from "./options.ts"
export type {
  AbortCause,
  Attempt,
  AttemptRef,
  Change,
  ChangeResult,
  Idempotent,
  NewTask,
  RunTurn,
  Store,
  StoreCheck,
  TaskFilter,
  TaskRef,
  WorkerHandle,
  WorkerOptions,
} from "./port.ts"
export { type Stop, stopWords } from "./spend/budget.ts"
export { monthOf } from "./spend/month.ts"
export type { Effect, EffectResult } from "./task/effect.ts"
export { beforeCreation } from "./task/packs.ts"
export type { Told } from "./webhooks/port.ts"
export type { DirectKnock, DirectRefusal, DirectTurn, DirectWish } from "./worker/direct.ts"
export type { Door, Doors, DoorsOf, ForTurn, Ways } from "./worker/doors.ts"
