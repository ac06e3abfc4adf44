import { Prose } from "../ui/prose.tsx"
import { visible } from "../ui/visible.ts"

/** What is asked about: words, and below them the patch when it is one. */
export const GateDetail = ({ detail, className }: { detail: string; className: string }) => {
  const at = detail.indexOf(patchBegins)
  const [words, patch] = at === -1 ? [detail, ""] : [detail.slice(0, at), detail.slice(at)]
  return (
    <div className={`overflow-y-auto ${className}`}>
      <Prose text={words} />
      {patch !== "" && (
        <pre className="mt-1.5 whitespace-pre-wrap break-words font-mono text-sm">
          {visible(patch)
            .split("\n")
            .filter(line => !/^\*\*\* (?:Begin|End) /.test(line))
            .map((line, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
              <span key={index} className={`block ${inkOf(line)}`}>
                {line.replace(/^\*\*\* /, "")}
              </span>
            ))}
        </pre>
      )}
    </div>
  )
}

const patchBegins = "*** Begin Patch"

const inkOf = (line: string): string =>
  line.startsWith("+") ? "text-good" : line.startsWith("-") ? "text-bad" : ""
