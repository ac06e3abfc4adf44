/** A line of a change: in which file, on which side, and which it is there. */
export type LineRef = { path: string; side: "old" | "new"; line: number; text: string }
