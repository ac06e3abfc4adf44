/** What a person wants with a line that they sent. */
export type Wish =
  | { type: "nothing" }
  /** A steering note while a turn runs, the next prompt after it. */
  | { type: "prompt"; text: string }
  | { type: "deep"; text: string }
  | { type: "deny"; text: string }
  | { type: "allow" | "diff" | "undo" | "accept" | "help" | "quit" }
  | { type: "unknown"; name: string }

/** The commands of the prompt, with what each does. */
export const commandHelp: readonly string[] = [
  "Esc          interrupts the turn; the work so far is kept",
  "text, Enter  steers the running turn; after it, asks for the next",
  "/deep [text] hands the task to the deep lane and follows it",
  "/diff        shows the whole change",
  "/undo        takes back the newest change of the files",
  "/accept      pushes the branch to the source",
  "/allow, /deny [note]  answer a question",
  "/quit        leaves (Ctrl-C as well: it interrupts first)",
]

/** Reads a line. A slash begins a command; a prompt that begins with one is written with a blank before it. */
export const readWish = (line: string): Wish => {
  if (line.trim() === "") return { type: "nothing" }
  const command = /^\/(\S*)\s*([\s\S]*)$/.exec(line)
  if (command === null) return { type: "prompt", text: line.trim() }
  const [, name = "", words = ""] = command
  const text = words.trim()
  switch (name) {
    case "deep":
    case "deny":
      return { type: name, text }
    case "allow":
    case "diff":
    case "undo":
    case "accept":
    case "help":
    case "quit":
      return { type: name }
    default:
      return { type: "unknown", name }
  }
}
