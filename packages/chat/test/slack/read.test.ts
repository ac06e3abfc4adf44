import { expect, test } from "vitest"
import { readChallenge, readSlack } from "../../src/index.ts"

const task = "task_0000000000000000000000000a"
const turn = "turn_0000000000000000000000000a"
const json = "application/json"
const form = "application/x-www-form-urlencoded"
const by = { platform: "slack", workspace: "T1", user: "U1" }

const event = (more: Record<string, unknown>) =>
  JSON.stringify({
    token: "x",
    team_id: "T1",
    api_app_id: "A1",
    type: "event_callback",
    event_id: "Ev1",
    event_time: 1_798_000_000,
    authorizations: [
      { enterprise_id: null, team_id: "T1", user_id: "UBOT", is_bot: true, is_enterprise_install: false },
    ],
    event: {
      type: "app_mention",
      user: "U1",
      ts: "1798000000.000100",
      channel: "C1",
      text: "<@UBOT> help",
      ...more,
    },
  })

test("a mention is an order, in the thread that it begins", () => {
  const text =
    "<@UBOT> in api: use &lt;b&gt; as <@U2|ann> says in <#C2|dev>, see <https://x.dev/a|x.dev/a> <!here>"
  expect(readSlack(event({ text }), json)).toEqual({
    kind: "order",
    by,
    place: { platform: "slack", workspace: "T1", channel: "C1", thread: "1798000000.000100" },
    text: "in api: use <b> as @ann says in #dev, see https://x.dev/a @here",
  })
})

test("a message in a thread is a reply, with or without a mention", () => {
  const place = { platform: "slack", workspace: "T1", channel: "C1", thread: "1.1" }
  const reply = { kind: "reply", by, place, text: "not so", mentioned: false }
  expect(readSlack(event({ type: "message", thread_ts: "1.1", text: "not so" }), json)).toEqual(reply)
  expect(readSlack(event({ thread_ts: "1.1", text: "<@UBOT> not so" }), json)).toEqual({
    ...reply,
    mentioned: true,
  })
  const direct = { type: "message", channel_type: "im", text: "help" }
  expect(readSlack(event(direct), json)).toMatchObject({ kind: "order", text: "help" })
})

test("somebody of another workspace, in a shared channel, is known by their own", () => {
  expect(readSlack(event({ user_team: "T9" }), json)).toMatchObject({
    by: { workspace: "T9", user: "U1" },
    place: { workspace: "T1" },
  })
})

test.each([
  ["a mention that came as a message too", { type: "message" }],
  ["a message of the channel", { type: "message", text: "hello" }],
  ["a program's", { bot_id: "B1" }],
  ["an edit", { type: "message", thread_ts: "1.1", subtype: "message_changed", user: undefined }],
  ["a message that went away", { type: "message", thread_ts: "1.1", subtype: "message_deleted" }],
  ["a reaction", { type: "reaction_added" }],
  ["nobody's", { user: undefined }],
])("%s is nothing for us", (_name, more) => {
  expect(readSlack(event(more), json)).toEqual({ kind: "none" })
})

test("a slash command is an order without a message", () => {
  const url = "https://hooks.slack.com/commands/T1/2/x"
  const fields = {
    team_id: "T1",
    user_id: "U1",
    user_name: "eve",
    channel_id: "C1",
    command: "/twolane",
    text: "fast: a < b",
    response_url: url,
  }
  expect(readSlack(new URLSearchParams(fields).toString(), form)).toEqual({
    kind: "order",
    by,
    place: { platform: "slack", workspace: "T1", channel: "C1" },
    text: "fast: a < b",
    aside: { platform: "slack", to: url },
  })
})

const interaction = (payload: object) => new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
const clicked = (action: object) =>
  interaction({
    type: "block_actions",
    team: { id: "T1", domain: "x" },
    user: { id: "U1", username: "eve", team_id: "T1" },
    channel: { id: "C1", name: "dev" },
    container: { type: "message", message_ts: "2.2", channel_id: "C1", thread_ts: "1.1" },
    message: { ts: "2.2", thread_ts: "1.1" },
    trigger_id: "trigger",
    response_url: "https://hooks.slack.com/actions/T1/2/x",
    actions: [action],
  })

test("a click says what it is about", () => {
  const action = { type: "button", action_id: "tl:interrupt", block_id: "b", value: `${task}/${turn}` }
  expect(readSlack(clicked(action), form)).toEqual({
    kind: "click",
    by,
    place: { platform: "slack", workspace: "T1", channel: "C1", thread: "1.1" },
    click: { verb: "interrupt", task, about: turn },
    aside: { platform: "slack", to: "https://hooks.slack.com/actions/T1/2/x" },
    trigger: "trigger",
  })
})

test.each([
  ["no value", { action_id: "tl:cancel" }],
  ["an unknown verb", { action_id: "tl:destroy", value: `${task}/${turn}` }],
  ["another program's", { action_id: "cancel", value: `${task}/${turn}` }],
  ["a path", { action_id: "tl:cancel", value: `${task}/../x` }],
  ["a link", { action_id: "tl:page", value: "" }],
])("a click with %s is nothing for us", (_name, action) => {
  expect(readSlack(clicked(action), form)).toEqual({ kind: "none" })
})

const filled = (metadata: string, callback = "tl-note") =>
  interaction({
    type: "view_submission",
    team: { id: "T1" },
    user: { id: "U1", team_id: "T1" },
    view: {
      callback_id: callback,
      private_metadata: metadata,
      state: { values: { note: { text: { type: "plain_text_input", value: "use B" } } } },
    },
  })

test("a form that was filled in is a note", () => {
  const about = { task, turn, channel: "C1", thread: "1.1" }
  expect(readSlack(filled(JSON.stringify(about)), form)).toEqual({
    kind: "note",
    by,
    place: { platform: "slack", workspace: "T1", channel: "C1", thread: "1.1" },
    task,
    turn,
    text: "use B",
  })
  expect(readSlack(filled("{"), form)).toEqual({ kind: "none" })
  expect(readSlack(filled(JSON.stringify(about), "other"), form)).toEqual({ kind: "none" })
})

test("the challenge of an address is read, and nothing else for one", () => {
  expect(readChallenge(JSON.stringify({ type: "url_verification", challenge: "abc" }), json)).toBe("abc")
  expect(readChallenge(event({}), json)).toBeNull()
})
