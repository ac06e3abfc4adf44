import { hash } from "node:crypto"
import type { Card } from "../card/card.ts"

/** Discord's limits; the one of all texts is of an embed's description, fields and footer together. */
const maxDescription = 4_096
const maxField = 1_024
const maxAll = 6_000
const buttonsInRow = 5

const styles = { primary: 1, secondary: 2, danger: 4, link: 5 } as const

/** What a message is known by: short enough for a nonce, and shown small at its foot, since Discord forgets nonces after some minutes. */
export const markOf = (key: string): string => hash("sha256", key, "base64url").slice(0, 22)

/** A card as a message of Discord's, which rings nobody. */
export const discordMessage = ({ children }: Card, mark: string, note = "") => {
  const texts = children.flatMap(part => (part.type === "text" ? [part.content] : []))
  const values = children.flatMap(part => (part.type === "fields" ? part.children : []))
  const buttons = children.flatMap(part => (part.type === "actions" ? part.children : []))
  const fields = values.map(({ label, value }) => ({
    name: label,
    value: value.slice(0, maxField),
    inline: true,
  }))
  const taken = fields.reduce((all, { name, value }) => all + name.length + value.length, mark.length)
  return {
    allowed_mentions: { parse: [] },
    embeds: [
      {
        description: [...texts, note]
          .filter(text => text !== "")
          .join("\n\n")
          .slice(0, Math.min(maxDescription, maxAll - taken)),
        fields,
        footer: { text: mark },
      },
    ],
    components: rowsOf(buttons.map(buttonOf)),
  }
}

type Child = Extract<Card["children"][number], { type: "actions" }>["children"][number]

const buttonOf = (child: Child) =>
  child.type === "link-button"
    ? { type: 2, style: styles.link, label: child.label, url: child.url }
    : {
        type: 2,
        style: styles[child.style ?? "secondary"],
        label: child.label,
        custom_id: `${child.id} ${child.value}`,
      }

const rowsOf = <Button>(buttons: readonly Button[]) =>
  Array.from({ length: Math.ceil(buttons.length / buttonsInRow) }, (_, row) => ({
    type: 1,
    components: buttons.slice(row * buttonsInRow, (row + 1) * buttonsInRow),
  }))
