import type { GitCall, GitEnd, Question, TextEnd } from "../git/git.ts"

/** What a hand is asked for, and what it answers. */
export type Orders = {
  git: { input: GitCall; output: GitEnd }
  text: { input: Question; output: TextEnd }
  /** Removes a folder. */
  remove: { input: string; output: null }
  /** Starts a keeper, given the folder of its compiled code; answers its process id, and with it comes its channel. */
  keeper: { input: string; output: number }
}

/** The name of an order. */
export type OrderName = keyof Orders

/** A message to a hand. */
export type ToHand =
  | { type: "order"; id: number; name: OrderName; input: unknown }
  | { type: "abort"; id: number }

/** Why an order was not done: what a program's start threw. */
export type Failure = { message: string; code?: string; syscall?: string }

/** A message from a hand. `gone` says the last words of a keeper that has ended. */
export type FromHand =
  | { type: "done"; id: number; value: unknown }
  | { type: "failed"; id: number; failure: Failure }
  | { type: "gone"; id: number; words: string }
