/** What a worker says it holds for (`WorkerView.holding`) when it was told to take no new turns. In a file without a schema: the page has it. */
export const drainedWords = "drained"
