import { clean } from "@twolane/common/clean"
import { candidateWords } from "@twolane/protocol"
import { actions, button, type Card, cardOf, fields, pageButton, small, text } from "./card.ts"
import { sayingOf } from "./facts.ts"
import type { Markup } from "./markup.ts"
import { endOf } from "./pieces.ts"
import { changeWords, costWords, openOf, phaseWords, type Told, testWords } from "./words.ts"

const maxTitleChars = 200
/** Of what an agent says, as its markup writes it, in the message that is edited again and again. */
const maxSayingChars = 1_200
/** A question that is longer, as the platform's markup writes it, is decided on the page, where all of it is seen. */
const maxGateChars = 2_900
const maxGateStart = 1_400
const shownSteps = 8

/** The living message of a task: where it stands, and what can be done. */
export const statusCard = (told: Told): Card => {
  const { task, facts, url, markup } = told
  const running = task.status === "running"
  const saying = running ? endOf(sayingOf(facts), markup, { chars: maxSayingChars, texts: 1 }) : null
  return cardOf([
    text(
      `${titleOf(told)}\n${markup.code(task.repo)} · ${task.lane} lane · asked by ${markup.text(task.by.name)}`,
    ),
    fields({
      Phase: phaseWords(told),
      Tests: testWords(task),
      Change: changeWords(task),
      Cost: costWords(task),
    }),
    small(running ? planWords(told) : ""),
    ...(saying?.texts ?? []).map(small),
    statusActions(told, url),
  ])
}

const titleOf = ({ task, url, markup }: Told): string => {
  const title = task.title.slice(0, maxTitleChars)
  const candidate = candidateWords(task)
  const bold = markup.bold(url === null ? markup.text(title) : markup.link(url, title))
  return candidate === null ? bold : `${bold} · ${candidate}`
}

const planWords = ({ facts, markup }: Told): string =>
  (facts.plan ?? [])
    .slice(0, shownSteps)
    .map(({ step, status }) => `${planMarks[status] ?? "◻️"} ${markup.text(step.slice(0, 120))}`)
    .join("\n")

const planMarks: Readonly<Record<string, string | undefined>> = { completed: "✔️", in_progress: "▶️" }

const statusActions = ({ task }: Told, url: string | null) => {
  const turn = openOf(task)
  const on = { task: task.id, about: turn?.id ?? "" }
  const page = pageButton(url, "Open")
  const cancel = button({ ...on, verb: "cancel" }, "Cancel", "danger")
  const handOff = button({ ...on, verb: "hand-off" }, task.lane === "fast" ? "Hand to deep" : "Hand to fast")
  switch (task.status) {
    case "running":
      return actions([
        button({ ...on, verb: "steer" }, "Steer"),
        button({ ...on, verb: "interrupt" }, "Interrupt"),
        handOff,
        cancel,
        page,
      ])
    case "queued":
    case "waiting":
      return actions([cancel, page])
    default:
      return actions([page])
  }
}

/** How a turn ended: the message that says so aloud. `turn` is the turn's id. */
export const endCard = (told: Told, turn: string): Card => {
  const { task, facts, url, markup } = told
  const outcome = facts.ended[turn]
  const newest = task.turns.at(-1)?.id === turn
  const whole = facts.whole[turn] ?? ""
  const said = endOf(whole, markup, markup.room)
  const on = { task: task.id, about: turn }
  const open = newest && task.review === "open"
  const card = cardOf([
    text(`${endMark(outcome?.status)} ${titleOf(told)}`),
    ...said.texts.map(text),
    small(said.cut ? `It said more before this: the whole of it is in the task${alsoAt(markup)}.` : ""),
    fields({
      Outcome: outcome === undefined ? undefined : phaseWords({ ...told, task: endedTask(task, turn) }),
      Tests: newest ? testWords(task) : undefined,
      Change: newest ? changeWords(task) : undefined,
      Cost: newest ? costWords(task) : undefined,
      Review: newest && task.review !== "none" && task.review !== "open" ? task.review : undefined,
      "Pull request": facts.pullRequest === undefined ? undefined : linkTo(told, facts.pullRequest),
    }),
    small(open && task.group !== undefined ? choiceWords(task) : ""),
    actions([
      newest && changeWords(task) !== undefined ? button({ ...on, verb: "diff" }, "Show diff") : null,
      open ? acceptButton(task, "accept", "Accept") : null,
      open && told.pulls && facts.pullRequest === undefined
        ? acceptButton(task, "pull-request", "Open pull request")
        : null,
      newest && outcome?.status === "failed" ? button({ ...on, verb: "retry" }, "Retry") : null,
      pageButton(url, "Open"),
    ]),
  ])
  return said.cut && markup.attaches ? { ...card, file: { name: wholeName, text: clean(whole) } } : card
}

const choiceWords = (task: Told["task"]): string =>
  `This is ${candidateWords(task)} for one request: accepting it discards the others.`

const wholeName = "said.md"
const alsoAt = (markup: Markup): string =>
  markup.attaches ? `, and in ${markup.code(wholeName)} where the bot may attach files` : ""

/** Its click is for the change that the message shows. Platforms give it 100 characters. */
const acceptButton = (
  { id, reviewHead }: Told["task"],
  verb: "accept" | "pull-request",
  label: string,
): ReturnType<typeof button> | null =>
  reviewHead === undefined
    ? null
    : button(
        { task: id, about: reviewHead.slice(0, 40), verb },
        label,
        verb === "accept" ? "primary" : undefined,
      )

/** A pull request's address comes from the publisher; only what looks like one is a link. */
const linkTo = ({ markup }: Told, address: string): string =>
  /^https:\/\/[^\s<>|()]{1,500}$/.test(address) ? markup.link(address, address) : markup.text(address)

/** The task as if that turn were its last: its phase is then the turn's outcome. */
const endedTask = (task: Told["task"], turn: string): Told["task"] => {
  const turns = task.turns.slice(0, task.turns.findIndex(({ id }) => id === turn) + 1)
  return { ...task, turns, status: turns.at(-1)?.status ?? task.status }
}

const endMark = (status: string | undefined): string => {
  if (status === "succeeded") return "✅"
  return status === "handed_off" ? "➡️" : status === "canceled" ? "⏹️" : "❌"
}

/** A question for a person, with its answers as buttons while it is open. */
export const gateCard = (told: Told, gate: string): Card => {
  const { task, facts, url, markup } = told
  const known = facts.gates[gate]
  if (known === undefined) return cardOf([text("This question is not known any more.")])
  const { kind, detail, decided } = known
  const whole = markup.block(detail)
  const short = whole.length <= maxGateChars
  const on = { task: task.id, about: gate }
  return cardOf([
    text(`✋ ${titleOf(told)} waits for a decision: ${kind}`),
    text(short ? whole : markup.block(`${detail.slice(0, maxGateStart)}…`)),
    small(decided === undefined ? whoMay(short) : decidedWords(told, decided)),
    decided === undefined
      ? actions([
          short ? button({ ...on, verb: "allow" }, "Allow", "primary") : null,
          short ? button({ ...on, verb: "deny" }, "Deny", "danger") : null,
          pageButton(url, short ? "Open" : "Read and decide"),
        ])
      : actions([]),
  ])
}

const whoMay = (short: boolean): string =>
  short
    ? "Members and admins of the team may decide, once they are linked. It waits as long as it takes: no answer is neither yes nor no."
    : "It is too long to be shown whole here: read and decide it on the page. It waits as long as it takes."

const decidedWords = ({ markup }: Told, { decision, by }: { decision: string; by: string }): string =>
  decision === "closed" ? "It was closed: its turn has ended." : `${markup.text(by)} said ${decision}.`
