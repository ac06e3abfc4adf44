export { GithubRefused } from "./ask.ts"
export { type Github, openGithub, type Place, whyNoPulls } from "./github.ts"
export { type OpenedPull, openPull } from "./pulls.ts"
export { receiptOf } from "./receipt.ts"
