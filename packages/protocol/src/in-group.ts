import type { GroupOf } from "./group.ts"

// Apart from the schemas: the page's first view needs one of these, and no zod.

/** The group whose first candidate is this task. */
export const groupOfFirst = (task: string): string => task.replace(/^task_/, "group_")

/** The task of a group's first candidate. */
export const firstOfGroup = (group: string): string => group.replace(/^group_/, "task_")

/** Whether a fast candidate runs against deep ones: when it is green, the others are canceled. */
export const isRace = ({ candidates }: GroupOf): boolean => candidates.some(({ lane }) => lane === "fast")

/** `candidate 2 of 3`; null for a task that stands alone. */
export const candidateWords = ({ id, group }: { id: string; group?: GroupOf | undefined }): string | null =>
  group === undefined
    ? null
    : `candidate ${group.candidates.findIndex(({ task }) => task === id) + 1} of ${group.candidates.length}`
