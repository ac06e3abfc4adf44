import type { Markup } from "../card/markup.ts"
import type { Ask } from "./ask.ts"
import { candidatesWords } from "./wishes.ts"

/** How to speak to the bot on a platform: what stands before an order, such as `@twolane` or `/twolane`. */
export type Address = { order: string }

/** What can be said, with examples. */
export const helpWords = (markup: Markup, { order }: Address): string =>
  [
    markup.bold("Twolane runs coding agents on your team's repos."),
    `${markup.code(`${order} in api: fix the flaky login test`)} starts a task; a channel can have a repo of its own.`,
    `${markup.code(`${order} fast: …`)} a small change in seconds, ${markup.code(`${order} deep: …`)} larger work in the background; without either Twolane chooses. Switches work as well: ${markup.code("--fast --repo api --base main")}; ${markup.code("--pr")} opens a pull request once it succeeded.`,
    `${markup.code(`${order} in api, 3 candidates: …`)} several try it and you choose, ${markup.code("--race")} a fast one against a deep one; ${markup.code("--after TASK")}, ${markup.code("--not-before 22:30Z")} and ${markup.code("--start-by 2h")} say when it may start.`,
    "The thread is the task. What you write there is a note for the turn that runs, or asks for the next one when none does; begin with // to speak to people only.",
    `${markup.code(`${order} link CODE`)} says who you are (the code comes from ${markup.code("twolane chat code")}), ${markup.code(`${order} whoami`)} who I think you are.`,
  ].join("\n")

/** What was understood of an order, what is missing, and how it would be right. */
export const unclearWords = (
  markup: Markup,
  { order }: Address,
  { problem, understood }: Extract<Ask, { kind: "unclear" }>,
): string => {
  const { repo, lane, base, candidates, after = [], notBefore, startBy, prompt } = understood
  const parts = [
    ...(repo === undefined ? [] : [`repo ${markup.code(repo)}`]),
    ...(lane === undefined ? [] : [`the ${lane} lane`]),
    ...(base === undefined ? [] : [`base ${markup.code(base)}`]),
    ...(candidates === undefined ? [] : [markup.text(candidatesWords(candidates))]),
    ...(after.length === 0 ? [] : [`after ${after.map(id => markup.code(id)).join(", ")}`]),
    ...(notBefore === undefined ? [] : [`not before ${markup.time(notBefore)}`]),
    ...(startBy === undefined ? [] : [`to be begun by ${markup.time(startBy)}`]),
    ...(prompt === undefined ? [] : [`to do: ${markup.text(prompt.slice(0, 300))}`]),
  ]
  const example = `${order} in ${repo ?? "api"}${lane === undefined ? "" : `, ${lane}`}: ${(prompt ?? "fix the flaky login test").slice(0, 120)}`
  return [
    `${markup.text(problem)} Nothing was started.`,
    ...(parts.length === 0 ? [] : [`I understood ${parts.join(", ")}.`]),
    `For example: ${markup.code(example)}`,
  ].join("\n")
}

/** How somebody who is not linked becomes known. */
export const unlinkedWords = (
  markup: Markup,
  { order }: Address,
  who: { platform: string; workspace: string; user: string },
): string =>
  [
    "I do not know yet who you are in Twolane, so I did nothing.",
    `With a key of your own: run ${markup.code("twolane chat code")}, then say ${markup.code(`${order} link CODE`)} here.`,
    `Or ask an admin for ${markup.code(`twolane chat link ${who.platform} ${who.workspace} ${who.user} --key KEY`)}.`,
  ].join("\n")
