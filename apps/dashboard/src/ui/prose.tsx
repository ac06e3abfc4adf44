import { useMemo } from "react"
import { visible } from "./visible.ts"

/** A model's words: paragraphs, headings, **weight**, `code` and fenced code, and nothing else. What looks like a link or an image stays text. */
export const Prose = ({ text }: { text: string }) => {
  const blocks = useMemo(() => blocksOf(visible(text.replaceAll("\r\n", "\n"))), [text])
  return (
    <div className="space-y-2 break-words">
      {blocks.map((block, index) =>
        block.fenced ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: blocks have no identity but their place
          <pre key={index} className="overflow-x-auto rounded-md bg-sunken p-3 font-mono text-sm">
            {block.text}
          </pre>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: as above
          <p key={index} dir="auto" className="whitespace-pre-wrap">
            <Lines text={block.text} />
          </p>
        ),
      )}
    </div>
  )
}

type Block = { fenced: boolean; text: string }

/** Splits at fences; one that is still open, as in a text that is being written, ends with the text. */
export const blocksOf = (text: string): Block[] =>
  text
    .split(/^[ \t]*```[^\n]*(?:\n|$)/m)
    .map((part, index) => ({ fenced: index % 2 === 1, text: part.replace(/^\n+|\s+$/g, "") }))
    .filter(block => block.text !== "")

/** Splits at headings, each a line of its own. */
const Lines = ({ text }: { text: string }) =>
  text.split(/^#{1,6} +(.+)$/m).map((part, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity but their place
      <strong key={index} className="font-semibold">
        <Inline text={part} />
      </strong>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: as above
      <Inline key={index} text={part} />
    ),
  )

/** A line of a model's words: `code` and **weight**. */
export const Inline = ({ text }: { text: string }) =>
  text.split(/(`[^`\n]+`|\*\*[^*\n]+\*\*)/).map((part, index) => {
    if (index % 2 === 0) return part
    return part.startsWith("`") ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: as above
      <code key={index} className="rounded bg-sunken px-1 font-mono text-[0.92em]">
        {part.slice(1, -1)}
      </code>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: as above
      <strong key={index} className="font-semibold">
        {part.slice(2, -2)}
      </strong>
    )
  })
