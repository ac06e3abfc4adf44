/** Somebody outside cannot be asked now: a rate limit, an outage. What was to be done is done later, and has not failed. */
export class Postponed extends Error {
  /** How long it wants to be left alone. */
  readonly afterMs: number

  constructor(message: string, afterMs: number, options: ErrorOptions = {}) {
    super(message, options)
    this.name = "Postponed"
    this.afterMs = afterMs
  }
}
