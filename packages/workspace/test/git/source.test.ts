import { mkdir, symlink } from "node:fs/promises"
import { join } from "node:path"
import { isFault } from "@twolane/protocol"
import { makeTempFolder } from "@twolane/testkit"
import fc from "fast-check"
import { expect, test } from "vitest"
import { isUnderRoots, parseSource } from "../../src/git/source.ts"

test.each([
  [
    "https://git.example.com/team/repo.git",
    { kind: "https", url: "https://git.example.com/team/repo.git", host: "git.example.com" },
  ],
  [
    "https://git.example.com:8443/r",
    { kind: "https", url: "https://git.example.com:8443/r", host: "git.example.com:8443" },
  ],
  [
    "ssh://git@git.example.com:2222/r.git",
    { kind: "ssh", url: "ssh://git@git.example.com:2222/r.git", host: "git.example.com:2222" },
  ],
  [
    "git@git.example.com:team/repo.git",
    { kind: "ssh", url: "git@git.example.com:team/repo.git", host: "git.example.com" },
  ],
  ["/srv/git/my repo:1/", { kind: "path", url: "/srv/git/my repo:1", host: null }],
])("%s is a source", (text, source) => {
  expect(parseSource(text)).toEqual(source)
})

test.each([
  "http://example.com/r",
  "git://example.com/r",
  "file:///srv/git/r",
  "ext::sh -c touch% /tmp/x",
  "fd::17",
  "https://user@example.com/r",
  "https://user:secret@example.com/r",
  "https://@example.com/r",
  "https://example.com",
  "https://example.com/r?x=1",
  "https://example.com/r#x",
  "https://exa mple.com/r",
  "https://example.com/r\n",
  "https://-oProxyCommand=x/r",
  "https:\\\\example.com\\r",
  "ssh://-oProxyCommand=touch/r",
  "ssh://git:secret@example.com/r",
  "ssh://-oProxyCommand=x@example.com/r",
  "ssh://example.com/-r",
  "git@-oProxyCommand=x:r",
  "git@example.com:-r",
  "git@example.com:",
  "--upload-pack=touch /tmp/x",
  "-c",
  "./relative",
  "../up",
  "/srv/../etc",
  "/srv/git\0/r",
  "/srv/git\n/r",
  "",
  "C:\\repo",
  `https://example.com/${"a".repeat(2_000)}`,
])("%j is refused", text => {
  expect(() => parseSource(text)).toThrow(expect.objectContaining({ code: "invalid" }))
})

const urlOrRefusal = (text: string): string => {
  try {
    return parseSource(text).url
  } catch (error) {
    if (!isFault(error, "invalid")) throw error
    return "refused"
  }
}

test("whatever the text, it is a source that git cannot take for an option, or it is refused", () => {
  const piece = fc.constantFrom(
    "https://",
    "ssh://",
    "git@",
    "/",
    "-",
    "a.b",
    ":",
    "@",
    "%2d",
    "\\",
    "ext::",
    "..",
    "é",
    " ",
    "?",
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 8 }).map(parts => parts.join("")),
      ),
      text => {
        expect(urlOrRefusal(text)).toMatch(/^(?:refused|https:\/\/[^@/]+\/.*|ssh:\/\/.*|git@.*|\/.*)$/u)
      },
    ),
    { numRuns: 3_000 },
  )
})

test("roots are compared with links followed", async () => {
  await using folder = await makeTempFolder()
  const [inside, outside, link] = ["roots/a", "outside", "roots/link"].map(name => join(folder.path, name))
  if (!inside || !outside || !link) throw new Error("three paths")
  await mkdir(inside, { recursive: true })
  await mkdir(outside)
  await symlink(outside, link)
  const roots = [join(folder.path, "roots")]
  const allowed = (path: string) => isUnderRoots(parseSource(path), roots)
  expect(await allowed(inside)).toBe(true)
  expect(await allowed(`${roots[0]}-other`)).toBe(false)
  expect(await allowed(outside)).toBe(false)
  expect(await allowed(link)).toBe(false)
  expect(await isUnderRoots(parseSource(outside), [])).toBe(true)
})
