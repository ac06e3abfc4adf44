/** A message as the Chat SDK's renderers take it; texts are in a platform's markup already, but for that of its file. */
export type Card = { type: "card"; children: CardPart[]; file?: CardFile }
/** What goes with a message where a platform takes files. */
export type CardFile = { name: string; text: string }
type CardPart =
  | { type: "text"; content: string; style?: "muted" }
  | { type: "fields"; children: { type: "field"; label: string; value: string }[] }
  | { type: "actions"; children: (CardButton | CardLink)[] }
export type CardButton = {
  type: "button"
  id: string
  label: string
  value: string
  style?: "primary" | "danger"
}
type CardLink = { type: "link-button"; id: string; label: string; url: string }

/** What a button asks for; its value names what it is about, see `Click`. */
export const verbs = [
  "steer",
  "interrupt",
  "cancel",
  "cancel-all",
  "hand-off",
  "accept",
  "pull-request",
  "diff",
  "retry",
  "allow",
  "deny",
] as const
export type Verb = (typeof verbs)[number]

/** A button that was clicked; `about` is a turn, for the answers to a gate the gate, and for an accept or a pull request the change that the message showed. */
export type Click = { verb: Verb; task: string; about: string }

const buttonPattern = /^tl:([a-z-]{3,12})$/
const valuePattern = /^(task_[0-9a-z]{26})\/((?:turn|gate)_[0-9a-z]{26}|[0-9a-f]{40})$/

export const button = (
  { verb, task, about }: Click,
  label: string,
  style?: "primary" | "danger",
): CardButton => ({
  type: "button",
  id: `tl:${verb}`,
  label,
  value: `${task}/${about}`,
  ...(style === undefined ? {} : { style }),
})

/** What a button of ours said; null for anything else, which may come from any program in the same workspace. */
export const readClick = (id: string, value: string): Click | null => {
  const verb = verbs.find(each => each === buttonPattern.exec(id)?.[1])
  const [, task, about] = valuePattern.exec(value) ?? []
  return verb === undefined || task === undefined || about === undefined ? null : { verb, task, about }
}

export const text = (content: string): CardPart => ({ type: "text", content })
export const small = (content: string): CardPart => ({ type: "text", content, style: "muted" })

/** Only what has something in it: platforms refuse empty parts. */
export const cardOf = (parts: readonly CardPart[]): Card => ({
  type: "card",
  children: parts.filter(part => (part.type === "text" ? part.content !== "" : part.children.length > 0)),
})

export const fields = (values: Readonly<Record<string, string | undefined>>): CardPart => ({
  type: "fields",
  children: Object.entries(values).flatMap(([label, value]) =>
    value === undefined || value === "" ? [] : [{ type: "field", label, value }],
  ),
})

export const actions = (children: readonly (CardButton | CardLink | null)[]): CardPart => ({
  type: "actions",
  children: children.filter(child => child !== null),
})

/** A button that opens a page of ours; null where nobody could reach it. */
export const pageButton = (url: string | null, label: string): CardLink | null =>
  url === null ? null : { type: "link-button", id: "tl:page", label, url }
