export {
  Key,
  KeyRequest,
  Me,
  Role,
  SignInLink,
  SignInLinkRequest,
  SignInRequest,
  TeamName,
} from "./access.ts"
export { allows } from "./allows.ts"
export { AuditCheck, AuditHead, AuditRecord } from "./audit.ts"
export { branchOf } from "./branch.ts"
export { byteWords } from "./byte-words.ts"
export {
  ChatChannel,
  ChatChannelPath,
  ChatChannelRequest,
  ChatCode,
  ChatLink,
  ChatLinkRequest,
  ChatPerson,
  ChatPlatform,
} from "./chat.ts"
export { chooseLane, type LaneFacts, type LaneRequest } from "./choose-lane.ts"
export { csvOf } from "./csv.ts"
export { DiskItem, DiskView } from "./disk.ts"
export { drainedWords } from "./drained.ts"
export { closeTurn, cutOff, endTurn, type Heard, system } from "./endings.ts"
export { beforeFirst, compareEventIds, isNextEvent, parseEventId } from "./event-ids.ts"
export {
  continuesDelta,
  DeltaBody,
  EventBody,
  type EventType,
  eventTypes,
  type NewEvent,
  type QueueChanged,
  type TaskDelta,
  TaskEvent,
} from "./events.ts"
export { Fault, type FaultCode, type FaultPlace, faults, isFault } from "./faults.ts"
export { isFinal } from "./final.ts"
export { type FirstLook, firstLookId, type QueueLook } from "./first-look.ts"
export { foldEvent, foldEvents } from "./fold.ts"
export { Candidate, CandidatesAsked, Group, GroupOf, maxCandidates } from "./group.ts"
export { LaneRules } from "./guardrails.ts"
export { HandoffEnd, HandoffPacket } from "./handoff.ts"
export { Hindsight, HindsightReason, hindsight } from "./hindsight.ts"
export {
  derivedId,
  EventId,
  GateId,
  GroupId,
  HookId,
  type IdKind,
  KeyId,
  newId,
  siblingId,
  TaskId,
  TurnId,
  timeOfId,
} from "./ids.ts"
export { candidateWords, firstOfGroup, groupOfFirst, isRace } from "./in-group.ts"
export { hasWon, judgeCandidate } from "./judge-group.ts"
export { LiveEnvelope, LiveMessage, LiveRequest, liveCloseCodes } from "./live.ts"
export {
  type CancelWish,
  cancelOpenTurns,
  endWaiting,
  runningTurn,
  waitingTurns,
} from "./open-turns.ts"
export { packetOf } from "./packet.ts"
export { faultFrom, problemOf } from "./problem.ts"
export { QueueHold } from "./queue-hold.ts"
export { QueueLimits, QueueLimitsChange, TeamLimits } from "./queue-limits.ts"
export {
  AcceptRequest,
  BatchRequest,
  CancelManyRequest,
  CancelRequest,
  CredentialRequest,
  EmptyRequest,
  GateRequest,
  GithubLinkRequest,
  maxChangesChars,
  maxPromptChars,
  Prompt,
  RepoName,
  RepoRequest,
  RetryRequest,
  SecretRequest,
  SteerRequest,
  TaskRequest,
  TurnOptions,
  TurnRequest,
} from "./requests.ts"
export {
  Gate,
  GithubLink,
  Kpi,
  LaneQueue,
  Overlap,
  type Page,
  Problem,
  ProviderRate,
  pageOf,
  QueuePlace,
  QueueView,
  Repo,
  Task,
  Turn,
  WorkerView,
} from "./resources.ts"
export { sample } from "./sample.ts"
export {
  Budget,
  BudgetRequest,
  BudgetView,
  Month,
  PassedShare,
  SpendBy,
  type SpendEventType,
  SpendRow,
  spendEventTypes,
} from "./spend.ts"
export {
  type GateDecision,
  headToReview,
  isAuthor,
  lastTurn,
  leftAt,
  type OpenCall,
  type OpenGate,
  type OpenSteer,
  openTurn,
  reviewHead,
  type TaskState,
  type TurnState,
  tripLimit,
  turnOf,
} from "./state.ts"
export { handoffDue, takesOver } from "./take-over.ts"
export {
  Actor,
  ChangeSize,
  FailureCode,
  FileChange,
  GateKind,
  Lane,
  LimitName,
  lastMoment,
  maxRetries,
  Outcome,
  Priority,
  Review,
  retriedFailures,
  Stage,
  TestStatus,
  TurnStatus,
  Usage,
  Verdict,
} from "./terms.ts"
export { TranscriptEntry, TranscriptItem } from "./transcript.ts"
export { type StepBack, stepBackOf } from "./undo.ts"
export { noUsage } from "./usage.ts"
export { viewGate, viewTask } from "./view.ts"
export { viewGroup } from "./view-group.ts"
export { Delivery, Webhook, WebhookEvent, WebhookRequest, WebhookTry } from "./webhooks.ts"
