import type { Task } from "@twolane/protocol"
import {
  slackClick,
  slackCommand,
  slackForm,
  slackMention,
  slackReply,
} from "@twolane/testkit/chat/slack-double"
import { afterAll, beforeAll, expect, test } from "vitest"
import { buttonsOf, openSlackTeam, publicUrl, type SlackTeam, wordsOf } from "./slack-team.ts"
import { runByWord } from "./turns.ts"

let team: SlackTeam
beforeAll(async () => {
  team = await openSlackTeam()
  await team.gateway.work(runByWord)
})
afterAll(() => team[Symbol.asyncDispose]())

const tasks = async (): Promise<Task[]> => {
  const { body } = await team.gateway.call("GET", "/v1/tasks?limit=200")
  return (body as { items: Task[] }).items
}
const taskWith = async (word: string): Promise<Task | undefined> =>
  (await tasks()).find(({ prompt }) => prompt.includes(word))
const about = (kind: Parameters<SlackTeam["said"]>[0], thread: string) =>
  team.said(kind).filter(message => message.thread === thread)
const click = async (
  user: string,
  thread: string,
  label: string,
  kind: Parameters<SlackTeam["said"]>[0] = "status",
) => {
  const button = await expect
    .poll(() =>
      about(kind, thread)
        .flatMap(buttonsOf)
        .find(each => each.label === label),
    )
    .toBeDefined()
    .then(() =>
      about(kind, thread)
        .flatMap(buttonsOf)
        .find(each => each.label === label),
    )
  const responseUrl = team.slack.responseUrl(`${user}-${thread}`)
  const request = slackClick(
    { user, channel: "C1", thread },
    { id: button?.id ?? "", value: button?.value ?? "", responseUrl },
  )
  expect(await team.send(request)).toBe(200)
}
const asideTo = (user: string, thread: string) =>
  team.slack.asides.filter(({ to }) => to === `${user}-${thread}`).map(({ text }) => text)

test("a mention starts a task; its thread has where it stands, how it ended, and links to the page", async () => {
  const ts = "1797000000.100001"
  expect(
    await team.send(slackMention({ user: "UMEM", channel: "C1", ts }, "in shop, deep: mend alpha")),
  ).toBe(200)
  await expect
    .poll(() => about("end", ts).map(wordsOf).join())
    .toContain("Done: *it* &lt;!channel&gt; &amp; `x`")
  const task = await taskWith("mend alpha")
  expect(task).toMatchObject({ repo: "shop", lane: "deep", origin: "slack", by: { key: team.keys.UMEM.id } })
  await expect.poll(() => wordsOf(about("status", ts)[0])).toContain("Succeeded")
  expect(wordsOf(about("status", ts)[0])).toContain(`<${publicUrl}/tasks/${task?.id}|mend alpha>`)
  expect([about("status", ts).length, about("end", ts).length]).toEqual([1, 1])
})

test("what is written in the thread is a note for the turn that runs, or the order of the next one, and the bot says which", async () => {
  const thread = "1797000000.200001"
  const saying = { user: "UMEM", channel: "C1", thread }
  await team.send(slackMention({ user: "UMEM", channel: "C1", ts: thread }, "in shop, deep: wait for beta"))
  await expect
    .poll(() =>
      about("status", thread)
        .flatMap(buttonsOf)
        .map(({ label }) => label),
    )
    .toContain("Steer")
  await team.send(slackReply(saying, "// lunch?"))
  await team.send(slackReply(saying, "use the other one"))
  await expect.poll(() => about("say", thread).map(wordsOf).join()).toContain("Noted for the turn that runs")
  await expect.poll(() => about("end", thread).map(wordsOf).join()).toContain("As you say: use the other one")
  await team.send(slackReply(saying, "now gamma"))
  await expect
    .poll(() => about("say", thread).map(wordsOf).join())
    .toContain("the order of the next one, in the deep lane")
  await expect.poll(() => about("end", thread).length).toBe(2)
  const task = await taskWith("beta")
  expect(task?.turns.map(({ prompt }) => prompt)).toEqual(["wait for beta", "now gamma"])
  // The first end has no buttons of its own any more, and the talk among people went nowhere.
  await expect
    .poll(() => about("end", thread).map(message => buttonsOf(message).map(({ label }) => label)))
    .toEqual([["Open"], ["Open"]])
  expect(about("say", thread)).toHaveLength(2)
})

test("a question comes with buttons; who may not decide is told so, and the second click says that it is decided", async () => {
  const thread = "1797000000.300001"
  await team.send(slackMention({ user: "UMEM", channel: "C1", ts: thread }, "in shop, deep: ask delta"))
  await expect.poll(() => about("gate", thread).map(wordsOf).join()).toContain("npm publish &lt;!here&gt;")
  expect(wordsOf(about("gate", thread)[0])).toContain("Members and admins of the team may decide")
  await click("UNEW", thread, "Allow", "gate")
  await expect.poll(() => asideTo("UNEW", thread).join()).toContain("I do not know yet who you are")
  await click("UVIEW", thread, "Allow", "gate")
  await expect.poll(() => asideTo("UVIEW", thread).join()).toContain("Ask an admin for the role member.")
  expect((await taskWith("delta"))?.status).toBe("waiting")
  const before = about("gate", thread)
    .flatMap(buttonsOf)
    .find(({ label }) => label === "Allow")
  await click("UMEM", thread, "Deny", "gate")
  await expect.poll(() => wordsOf(about("end", thread)[0])).toContain("command denied")
  await expect.poll(() => wordsOf(about("gate", thread)[0])).toContain("said deny.")
  expect(buttonsOf(about("gate", thread)[0] as never)).toEqual([])
  const late = {
    id: before?.id ?? "",
    value: before?.value ?? "",
    responseUrl: team.slack.responseUrl("late"),
  }
  await team.send(slackClick({ user: "UADM", channel: "C1", thread }, late))
  await expect
    .poll(() => team.slack.asides.find(({ to }) => to === "late")?.text)
    .toContain("It is decided already.")
})

test("a change is accepted as its message showed it: one that moved since is not delivered by that click", async () => {
  const thread = "1797000000.350001"
  await team.send(slackMention({ user: "UMEM", channel: "C1", ts: thread }, "in shop, deep: change theta"))
  const shown = () => about("end", thread).flatMap(buttonsOf)
  await expect.poll(() => shown().map(({ label }) => label)).toContain("Accept")
  const first = shown().find(({ label }) => label === "Accept")
  await team.send(slackReply({ user: "UMEM", channel: "C1", thread }, "change it again"))
  await expect.poll(() => about("end", thread).length).toBe(2)
  const from = { user: "UADM", channel: "C1", thread }
  const press = async (name: string, button: typeof first) =>
    await team.send(
      slackClick(from, {
        id: button?.id ?? "",
        value: button?.value ?? "",
        responseUrl: team.slack.responseUrl(name),
      }),
    )
  await press("moved", first)
  const heard = (name: string) => team.slack.asides.find(({ to }) => to === name)?.text
  await expect.poll(() => heard("moved")).toContain("another change than the task has now")
  // The newest one's is delivered, which the worker of this test refuses.
  const newest = () => shown().findLast(({ label }) => label === "Accept")
  await expect.poll(() => newest()?.value).not.toBe(first?.value)
  await press("newest", newest())
  await expect.poll(() => heard("newest")).toContain("this worker delivers nothing")
})

test("a running turn is handed to the other lane and interrupted by buttons, and tried again once it has failed", async () => {
  const thread = "1797000000.380001"
  await team.send(slackMention({ user: "UMEM", channel: "C1", ts: thread }, "in shop, deep: wait for iota"))
  await click("UMEM", thread, "Interrupt")
  await expect.poll(() => about("end", thread).map(wordsOf).join()).toContain("Canceled by")
  await expect
    .poll(() =>
      about("status", thread)
        .flatMap(buttonsOf)
        .map(({ label }) => label),
    )
    .toEqual(["Open"])
  await team.send(slackReply({ user: "UMEM", channel: "C1", thread }, "fail now"))
  await click("UMEM", thread, "Retry", "end")
  await expect
    .poll(async () => (await taskWith("iota"))?.turns.map(({ prompt, status }) => [prompt, status]))
    .toEqual([
      ["wait for iota", "canceled"],
      ["fail now", "failed"],
      ["fail now", "failed"],
    ])
  // There is no fast worker here: whoever clicks is told so, and the turn runs on.
  await team.send(slackReply({ user: "UMEM", channel: "C1", thread }, "wait for more of it"))
  await click("UMEM", thread, "Hand to fast")
  await expect.poll(() => asideTo("UMEM", thread).join()).toContain("fast worker")
  expect((await taskWith("iota"))?.status).toBe("running")
})

test("a turn is steered by a form, interrupted and cancelled by buttons, and a late click says so", async () => {
  const thread = "1797000000.400001"
  await team.send(
    slackMention({ user: "UMEM", channel: "C1", ts: thread }, "in shop, deep: wait for epsilon"),
  )
  await click("UMEM", thread, "Steer")
  await expect.poll(() => team.slack.forms.length).toBe(1)
  const form = slackForm(
    { user: "UMEM", channel: "C1" },
    team.slack.forms[0]?.view.private_metadata ?? "",
    "by form",
  )
  const status = about("status", thread).flatMap(buttonsOf)
  await team.send(form)
  await expect.poll(() => about("end", thread).map(wordsOf).join()).toContain("As you say: by form")
  const interrupt = status.find(({ label }) => label === "Interrupt")
  const late = {
    id: interrupt?.id ?? "",
    value: interrupt?.value ?? "",
    responseUrl: team.slack.responseUrl("too-late"),
  }
  await team.send(slackClick({ user: "UMEM", channel: "C1", thread }, late))
  await expect
    .poll(() => team.slack.asides.find(({ to }) => to === "too-late")?.text)
    .toContain("That turn is over.")
  await team.send(slackReply({ user: "UMEM", channel: "C1", thread }, "wait again"))
  await click("UMEM", thread, "Cancel")
  await expect.poll(() => about("end", thread).map(wordsOf).join()).toContain("Canceled by")
  expect((await taskWith("epsilon"))?.turns.map(({ status: each }) => each)).toEqual([
    "succeeded",
    "canceled",
  ])
})

test("a slash command begins a thread in its channel, with the channel's repo, and answers its author alone", async () => {
  await team.gateway.call("PUT", "/v1/chat/channels/slack/T1/C2", { repo: "shop" })
  const saying = { user: "UMEM", channel: "C2" }
  await team.send(slackCommand(saying, "deep: ask nothing, zeta", team.slack.responseUrl("zeta")))
  await expect
    .poll(() => team.slack.asides.find(({ to }) => to === "zeta")?.text)
    .toContain("It is started in the deep lane")
  const root = () =>
    team.said("status").find(message => message.channel === "C2" && wordsOf(message).includes("zeta"))
  await expect.poll(root).toBeDefined()
  expect(root()?.thread).toBeUndefined()
  await expect.poll(() => about("gate", root()?.ts ?? "").length).toBe(1)
  await team.send(slackReply({ user: "UMEM", channel: "C2", thread: root()?.ts ?? "" }, "thanks"))
  await expect
    .poll(() =>
      about("say", root()?.ts ?? "")
        .map(wordsOf)
        .join(),
    )
    .toContain("the next one")
})

test.each([
  ["fix it", "It does not say in which repo"],
  ["in shop:", "It does not say what to do."],
  ["in nowhere: fix it", "There are `shop`."],
  ["in shop: --base nothing fix it", "base"],
  ["in shop: --pr fix it", "Pull requests need a source at"],
  ["help", "runs coding agents"],
  ["whoami", "a member of the team `default`"],
])("“%s” is answered with “%s”, and starts nothing", async (text, words) => {
  const before = (await tasks()).length
  const name = text.replaceAll(/\W/g, "")
  await team.send(slackCommand({ user: "UMEM", channel: "C9" }, text, team.slack.responseUrl(name)))
  await expect.poll(() => team.slack.asides.find(({ to }) => to === name)?.text).toContain(words)
  expect(await tasks()).toHaveLength(before)
})

test("who is not linked is told how, once in a thread, and a code of their own key links them", async () => {
  const thread = "1797000000.500001"
  await team.send(slackMention({ user: "UMEM", channel: "C1", ts: thread }, "in shop, deep: mend eta"))
  await expect.poll(() => about("end", thread).length).toBe(1)
  const saying = { user: "UNEW", channel: "C1", thread }
  await team.send(slackReply(saying, "me too"))
  await team.send(slackReply(saying, "and this"))
  await expect
    .poll(() => about("say", thread).map(wordsOf).join())
    .toContain("twolane chat link slack T1 UNEW --key KEY")
  const { body } = await team.gateway.call("POST", "/v1/chat/codes", {})
  const { code } = body as { code: string }
  const say = (user: string, text: string, name: string) =>
    team.send(slackCommand({ user, channel: "C1" }, text, team.slack.responseUrl(name)))
  const heard = (name: string) => team.slack.asides.find(({ to }) => to === name)?.text
  await say("UNEW", `link ${code}`, "link-1")
  await expect.poll(() => heard("link-1")).toContain("an admin of the team `default`")
  await say("UEVE", `link ${code}`, "link-2")
  await expect.poll(() => heard("link-2")).toContain("That code is not valid")
  await say("UNEW", "unlink", "link-3")
  await expect.poll(() => heard("link-3")).toContain("You are not linked any more")
  expect(about("say", thread)).toHaveLength(1)
  expect((await taskWith("eta"))?.turns).toHaveLength(1)
})
