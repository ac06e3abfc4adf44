import { expect, test } from "vitest"
import { parsePatch } from "../../src/patch/parse.ts"

const patch = (...lines: string[]) => ["*** Begin Patch", ...lines, "*** End Patch"].join("\n")

test("a patch with every kind of section is read whole", () => {
  const text = patch(
    "*** Add File: hello.txt",
    "+Hello",
    "+",
    "*** Update File: src/app.py",
    "*** Move to: src/main.py",
    "@@ class Greeter:",
    "@@     def greet():",
    "-print('Hi')",
    "+print('Hello')",
    "",
    " done",
    "*** End of File",
    "*** Delete File: old.txt",
  )
  expect(parsePatch(text)).toEqual({
    ok: true,
    patch: {
      sections: [
        { type: "add", path: "hello.txt", lines: ["Hello", ""], line: 2, added: 2, removed: 0 },
        {
          type: "update",
          path: "src/app.py",
          to: "src/main.py",
          line: 5,
          added: 1,
          removed: 1,
          hunks: [
            {
              anchors: ["class Greeter:", "    def greet():"],
              lines: [
                { kind: "remove", text: "print('Hi')" },
                { kind: "add", text: "print('Hello')" },
                { kind: "context", text: "" },
                { kind: "context", text: "done" },
              ],
              endOfFile: true,
              line: 7,
            },
          ],
        },
        { type: "delete", path: "old.txt", line: 14, added: 0, removed: 0 },
      ],
    },
  })
})

const one = patch("*** Delete File: a")
test.each([
  ["space around the envelope", `\n\n  *** Begin Patch  \n*** Delete File: a\n *** End Patch \n\n`],
  ["padded headers", patch("  *** Delete File: a  ")],
  ["a heredoc", `<<'EOF'\n${one}\nEOF\n`],
  ["a heredoc with the command", `apply_patch <<"PATCH"\n${one}\nPATCH`],
  ["CRLF", one.replaceAll("\n", "\r\n")],
  ["blank lines between sections", patch("", "*** Delete File: a", "")],
])("%s is taken", (_, text) => {
  expect(parsePatch(text)).toMatchObject({ ok: true, patch: { sections: [{ type: "delete", path: "a" }] } })
})

test("the first hunk may leave off its '@@', and a context line may look like a marker", () => {
  const parsed = parsePatch(patch("*** Update File: a", " *** End Patch", "-b", "+c"))
  expect(parsed).toMatchObject({
    ok: true,
    patch: { sections: [{ hunks: [{ lines: [{ kind: "context", text: "*** End Patch" }, {}, {}] }] }] },
  })
})

test("a file may be moved with no other change", () => {
  const parsed = parsePatch(patch("*** Update File: a", "*** Move to: b"))
  expect(parsed).toMatchObject({ ok: true, patch: { sections: [{ path: "a", to: "b", hunks: [] }] } })
})

test.each([
  ["nothing", "", "first line of the patch", 0],
  ["prose", "Here is the patch:\n*** Begin Patch", "first line of the patch", 1],
  ["a markdown fence", "```\n*** Begin Patch\n*** End Patch\n```", "first line of the patch", 1],
  ["no section", patch(), "no file section", 2],
  ["a patch that was cut off", "*** Begin Patch\n*** Add File: a\n+b", "cut off", 3],
  ["text after the end", `${one}\nThat is all.`, "nothing after it", 4],
  ["a second patch", `${one}\n${one}`, "nothing after it", 4],
  ["an unknown header", patch("*** Rename File: a"), "begins no file section", 2],
  ["a header with no path", patch("*** Add File: "), "begins no file section", 2],
  ["an added line without '+'", patch("*** Add File: a", "+b", "c"), "does not begin with '+'", 4],
  ["a blank line in an added file", patch("*** Add File: a", "+b", "", "+c"), "begins no file section", 5],
  ["an update with no hunk", patch("*** Update File: a"), "no '+' or '-' line", 2],
  ["an update of context only", patch("*** Update File: a", "@@", " b"), "no '+' or '-' line", 2],
  ["a hunk with no lines", patch("*** Update File: a", "@@", "-b", "@@ c"), "has no lines", 5],
  ["a line with no mark", patch("*** Update File: a", "@@", "-b", "c"), "must begin with", 5],
  ["a marker in the wrong place", patch("*** Update File: a", "@@", "-b", "*** Move to: c"), "no marker", 5],
  ["an end of file before any line", patch("*** Update File: a", "@@", "*** End of File"), "must follow", 4],
  [
    "lines after the end of file",
    patch("*** Update File: a", "-b", "*** End of File", "+c"),
    "begin the next hunk",
    5,
  ],
  ["an unknown marker", patch("*** Update File: a", "-b", "*** Whatever"), "no marker", 4],
])("%s is refused with a reason and its line", (_, text, reason, line) => {
  const parsed = parsePatch(text)
  expect(parsed).toEqual({ ok: false, reason: expect.stringContaining(reason), line })
})
