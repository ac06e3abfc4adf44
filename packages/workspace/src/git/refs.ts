/** What a commit, tree or blob is called: 40 hex digits, or 64 in a SHA-256 repository. */
const shaPattern = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

/** Whether a text is a whole object name. */
export const isSha = (text: string): boolean => shaPattern.test(text)

/** Refuses what is not a whole object name; a bug or a hostile answer, never a person's mistake. */
export const asSha = (text: string): string => {
  if (!isSha(text)) throw new Error(`not an object name: ${text.slice(0, 80)}`)
  return text
}

/**
 * Whether git takes a text as the name of a branch or tag (git-check-ref-format), and it can't be read as an option or
 * a revision expression.
 */
export const isRefName = (text: string): boolean =>
  text.length > 0 &&
  Buffer.byteLength(text) <= 250 &&
  text.isWellFormed() &&
  !/[\0-\x20\x7f~^:?*[\\]/.test(text) &&
  !text.startsWith("-") &&
  text !== "@" &&
  !text.includes("..") &&
  !text.includes("@{") &&
  !text.endsWith(".") &&
  text.split("/").every(part => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"))

const ownPart = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/

const own = (part: string): string => {
  if (!ownPart.test(part)) throw new Error(`not a part of a ref of ours: ${part.slice(0, 80)}`)
  return part
}

const whole = (value: number): string => {
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`not a number for a ref: ${value}`)
  return String(value)
}

/** The ref of a checkpoint. */
export const checkpointRef = (task: string, attempt: number, n: number): string =>
  `refs/twolane/${own(task)}/${whole(attempt)}/${whole(n)}`

/** The ref of a task's branch. */
export const taskBranchRef = (task: string): string => `refs/heads/twolane/${own(task)}`

/** The ref that a branch of the source has in the mirror. */
export const sourceBranchRef = (branch: string): string => `refs/remotes/origin/${branch}`
