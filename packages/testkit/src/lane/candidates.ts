import { say } from "../model/script.ts"
import { sumPatch } from "./library.ts"
import { patching, type Scene } from "./scenes.ts"

/** Mends the library's sum; the model `wrong` makes it wrong in another way, and stays red. */
export const mendUnlessWrong: Scene = (seen, request) =>
  patching(sumPatch("a - b", request.model === "wrong" ? "a * b" : "a + b"))(seen, request)

/** A race that the fast lane's own model wins: it mends the sum, and any other talks until it is stopped. */
export const raceForFast: Scene = (seen, request) =>
  request.model === "gpt-5.3-codex-spark"
    ? mendUnlessWrong(seen, request)
    : { ...say("word ".repeat(100_000)), tokensPerSecond: 50 }
