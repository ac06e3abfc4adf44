/** What there is to try where nothing is configured yet: the name that the sample repository is registered under, and what is wrong with it. */
export const sample = { repo: "sample", prompt: "Fix the failing test" } as const
