import { endTurn } from "@twolane/protocol"
import type { RunTurn } from "@twolane/store"
import { slackMention } from "@twolane/testkit/chat/slack-double"
import { afterEach, expect, test } from "vitest"
import { openSlackTeam, type SlackTeam, wordsOf } from "./slack-team.ts"

let team: SlackTeam
afterEach(() => team[Symbol.asyncDispose]())

const thread = "1797000000.700001"
const order = () =>
  team.send(slackMention({ user: "UMEM", channel: "C1", ts: thread }, "in shop, deep: mend it"))
const status = () => wordsOf(team.said("status")[0])

/** An agent that says what the test lets it say, piece by piece, and ends when nothing is left. */
const speaker = () => {
  const pieces: PromiseWithResolvers<string | null>[] = [Promise.withResolvers()]
  const run: RunTurn = async attempt => {
    let text = ""
    for (let index = 0; ; index += 1) {
      const piece = await pieces[index]?.promise
      if (piece == null) break
      text += piece
      attempt.delta({ type: "message.delta", text: piece })
    }
    await attempt.write((state, at) => [
      { type: "message.done", text, turn: attempt.turn, at },
      ...endTurn(state, attempt.turn, { status: "succeeded" }, at),
    ])
  }
  const say = (piece: string | null) => {
    pieces.push(Promise.withResolvers())
    pieces.at(-2)?.resolve(piece)
  }
  return { run, say }
}

const begin = async () => {
  team = await openSlackTeam()
  const { run, say } = speaker()
  await team.gateway.work(run)
  await order()
  await expect.poll(status).toContain("Running.")
  return say
}

test("what an agent is saying is seen while it says it, in the one living message, and whole when it has said it", async () => {
  const say = await begin()
  say("I look at <!here> first")
  await expect.poll(status).toContain("I look at &lt;!here&gt; first")
  say(", then at the tests.")
  await expect.poll(status).toContain("first, then at the tests.")
  const long = Array.from({ length: 500 }, (_, line) => `line ${line} && more`).join("\n")
  say(`\n${long}`)
  say(null)
  await expect.poll(() => wordsOf(team.said("end")[0])).toContain("line 499 &amp;&amp; more")
  const end = wordsOf(team.said("end")[0])
  for (let line = 300; line < 500; line += 1) expect(end).toContain(`line ${line} &amp;&amp; more`)
  await expect.poll(status).toContain("Succeeded")
  expect(status()).not.toContain("line 499")
  expect(team.slack.messages.map(({ key }) => key?.split("/")[1])).toEqual(["status", "end"])
})

test("while Slack says to wait the agent speaks on, and what it said by then is seen afterwards", async () => {
  const say = await begin()
  team.slack.next("chat.update", { instead: { status: 429, headers: { "retry-after": "2" } } })
  for (const piece of ["one ", "two ", "three "]) say(piece)
  await expect.poll(status).toContain("one two three")
  say(null)
  await expect.poll(() => wordsOf(team.said("end")[0])).toContain("one two three")
  const edits = team.slack.calls.filter(({ path }) => path.endsWith("chat.update")).map(({ at }) => at)
  expect(edits.slice(1).filter((at, index) => at - (edits[index] ?? 0) < 1_000)).toEqual([])
})

test("when the gateway that listens stops, the next one goes on, and what was said before is not lost", async () => {
  const say = await begin()
  say("before the end of the gateway")
  await expect.poll(status).toContain("before the end of the gateway")
  await team.gateway.stop()
  await using _next = await team.gateway.start()
  say(" and after it")
  say(null)
  await expect
    .poll(() => wordsOf(team.said("end")[0]))
    .toContain("before the end of the gateway and after it")
  expect(team.slack.messages).toHaveLength(2)
})
