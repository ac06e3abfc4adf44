/** Where archived tasks lie: things that are written once under a name, and never changed. */
export type Shelf = {
  /** Where it is, in words for people. */
  readonly place: string
  /** Durable when it resolves. */
  put: (name: string, bytes: Uint8Array) => Promise<void>
  /** All of a thing, or its first bytes; null when there is none. */
  get: (name: string, firstBytes?: number) => Promise<Buffer | null>
  /** All names that begin so: a folder's, and a part of a name in it. */
  list: (prefix: string) => Promise<string[]>
  /** Nothing happens when it is not there. */
  remove: (name: string) => Promise<void>
  /** Takes away what writers that were killed left half. */
  tidy: () => Promise<void>
}
