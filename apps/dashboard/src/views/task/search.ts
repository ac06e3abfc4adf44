/** What of a task is shown; in the address, so that a view can be shared. */
export type TaskSearch = { view?: "changes" | undefined }

/** Takes anything, throws nothing. */
export const readTaskSearch = (search: Record<string, unknown>): TaskSearch =>
  search.view === "changes" ? { view: "changes" } : {}
