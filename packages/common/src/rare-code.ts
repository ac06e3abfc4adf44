import { setFlagsFromString } from "node:v8"

/**
 * Has V8 keep the code ready that runs seldom and that somebody waits for when it does: an interrupt, a cancel, a follow-up after minutes. By
 * default a function's types are remembered only once it has run often, and the compiled code of one that rests is thrown away. To be called
 * before the process does anything else.
 */
export const keepRareCodeReady = (): void => {
  setFlagsFromString("--no-lazy-feedback-allocation")
  setFlagsFromString("--no-flush-bytecode")
}
