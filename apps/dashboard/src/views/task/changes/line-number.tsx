import type { ChangeData, GutterOptions } from "react-diff-view"
import { useCommands } from "../../../keys/commands.ts"

/** A line's number as a button, so that a remark can be made from the keyboard; the click is the cell's. */
export const lineNumber = ({ change, side, renderDefault }: GutterOptions) => {
  const number = renderDefault()
  if (number === undefined || number === null || number === "") return null
  return (
    <button
      type="button"
      tabIndex={-1}
      aria-label={`Comment on the ${side} line ${numberOf(change, side)}`}
      data-line={change.type}
    >
      {number}
    </button>
  )
}

const numberOf = (change: ChangeData, side: GutterOptions["side"]): number => {
  if (change.type !== "normal") return change.lineNumber
  return side === "old" ? change.oldLineNumber : change.newLineNumber
}

/** j and k go through the changed lines; Enter on one opens a box for a remark. */
export const useLineKeys = (): void =>
  useCommands([
    {
      id: "line-next",
      title: "Next changed line",
      section: "Change",
      keys: ["j"],
      inPalette: false,
      run: () => go(1),
    },
    {
      id: "line-previous",
      title: "Previous changed line",
      section: "Change",
      keys: ["k"],
      inPalette: false,
      run: () => go(-1),
    },
  ])

const go = (step: 1 | -1): void => {
  const lines = [...document.querySelectorAll<HTMLElement>("[data-line=insert], [data-line=delete]")]
  const focused = document.activeElement
  const at = focused instanceof HTMLElement ? lines.indexOf(focused) : -1
  const next = at === -1 ? (step === 1 ? 0 : -1) : at + step
  const line = lines.at(next)
  if (line === undefined || (at !== -1 && next === -1)) return
  line.focus()
  line.scrollIntoView({ block: "nearest" })
}
