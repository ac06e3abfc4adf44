export { GithubRefused } from "./ask.ts"
export { sayOnce } from "./comments.ts"
export { type HookDelivery, hookEvents, readHookDeliveries, redeliver } from "./deliveries.ts"
export { type Github, openGithub, type Place, whyNoPulls } from "./github.ts"
export { inline } from "./markdown.ts"
export { type OpenedPull, openPull } from "./pulls.ts"
export {
  type CheckRun,
  failedConclusions,
  mayWrite,
  readFailedChecks,
  readPull,
  readReview,
} from "./reads.ts"
export { receiptOf } from "./receipt.ts"
export { askGithubWho, type GithubWho } from "./who.ts"
