import { useMemo } from "react"

/** A model's words: paragraphs, `code` and fenced code, and nothing else. What looks like a link or an image stays text. */
export const Prose = ({ text }: { text: string }) => {
  const blocks = useMemo(() => blocksOf(text), [text])
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
          <p key={index} className="whitespace-pre-wrap">
            {inline(block.text)}
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

const inline = (text: string) =>
  text.split(/`([^`\n]+)`/).map((part, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity but their place
      <code key={index} className="rounded bg-sunken px-1 font-mono text-[0.92em]">
        {part}
      </code>
    ) : (
      part
    ),
  )
