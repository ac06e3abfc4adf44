/** The branch that a task's commits are on. */
export const branchOf = (task: string): string => `twolane/${task}`
