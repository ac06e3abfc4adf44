import { outcomeWords, size } from "@twolane/common/words"
import { type Candidate, type Group, type GroupOf, isRace } from "@twolane/protocol"
import { actions, button, type Card, cardOf, pageButton, small, text } from "./card.ts"
import type { Markup } from "./markup.ts"
import { openOf, type Told } from "./words.ts"

const maxTitleChars = 200
const maxReasonChars = 200

/** All candidates of one request beside each other, the best first, each with the button that chooses it. */
export const groupCard = ({ task, url, markup }: Told, group: Group): Card => {
  const of = task.group ?? { id: group.id, candidates: [] }
  const { candidates, chosen, status } = group
  const names = new Map(of.candidates.map((candidate, index) => [candidate.task, index + 1]))
  const choices = chosen === undefined ? candidates.filter(({ review }) => review === "open") : []
  const on = { task: task.id, about: openOf(task)?.id ?? "" }
  return cardOf([
    text(`${markup.bold(nameOf(of))}: ${markup.text(group.title.slice(0, maxTitleChars))}`),
    text(
      candidates
        .map(candidate => lineOf(candidate, { markup, name: names.get(candidate.task) ?? 0, chosen }))
        .join("\n"),
    ),
    small(choices.length > 0 ? "Choosing one accepts it, pushes its branch, and discards the others." : ""),
    actions([
      ...choices.map(({ task: id, reviewHead, rank }) =>
        reviewHead === undefined
          ? null
          : button(
              { task: id, about: reviewHead.slice(0, 40), verb: "accept" },
              `Choose candidate ${names.get(id)}`,
              rank === 1 ? "primary" : undefined,
            ),
      ),
      status === "open" ? button({ ...on, verb: "cancel-all" }, "Cancel all", "danger") : null,
      pageButton(url, "Compare"),
    ]),
  ])
}

const nameOf = (group: GroupOf): string =>
  isRace(group) ? "A race" : `${group.candidates.length} candidates`

type Line = { markup: Markup; name: number; chosen: string | undefined }

const lineOf = (candidate: Candidate, { markup, name, chosen }: Line): string => {
  const { rank, task, lane, model, status, outcome, change, reason, review } = candidate
  const facts = [
    model === undefined ? lane : `${lane}, ${model}`,
    outcome === undefined ? status : outcomeWords(outcome),
    ...(change === undefined || change.files === 0 ? [] : [size(change)]),
    ...(outcome === undefined ? [] : [reason.slice(0, maxReasonChars)]),
  ].map(part => markup.text(part))
  const mark = task === chosen ? "🏆 " : review === "discarded" ? "▫️ " : ""
  const won = task === chosen ? ` ${markup.bold("chosen")}` : ""
  return `${mark}${rank}. candidate ${name}${won} · ${facts.join(" · ")}`
}
