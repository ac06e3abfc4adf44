import { execFileSync } from "node:child_process"
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { type KeptRoom, keptRoom, sh, soon } from "./room.ts"

const patch = (kept: KeptRoom, ...sections: (string | string[])[]) =>
  kept.keeper.applyPatch(
    { patch: ["*** Begin Patch", ...sections.flat(), "*** End Patch"].join("\n") },
    soon(),
  )

const files = (kept: KeptRoom): Record<string, string> =>
  Object.fromEntries(
    readdirSync(kept.room.tree, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && entry.name !== ".git" && !entry.parentPath.includes("/away"))
      .map(entry => join(entry.parentPath, entry.name))
      .map(path => [path.slice(kept.room.tree.length + 1), readFileSync(path, "utf8")]),
  )

test("a patch adds, updates, moves and deletes, keeps line ends and modes, and says what changed", async () => {
  await using kept = await keptRoom({
    files: {
      "crlf.txt": "a\r\nb\r\n",
      "bare.txt": "x\ny",
      "run.sh": "#!/bin/sh\necho\n",
      "old.txt": "gone\n",
    },
  })
  chmodSync(join(kept.room.tree, "run.sh"), 0o755)
  const outcome = await patch(
    kept,
    ["*** Update File: crlf.txt", "@@", " a", "-b", "+c"],
    ["*** Update File: bare.txt", "@@", "-y", "+z"],
    ["*** Update File: /workspace/run.sh", "*** Move to: ./bin/go.sh", "@@", "-echo", "+echo hi"],
    ["*** Delete File: old.txt", "*** Add File: new/deep/f.txt", "+new"],
  )
  expect(outcome).toEqual({
    ok: true,
    files: expect.arrayContaining([
      {
        path: "crlf.txt",
        change: "modified",
        added: 1,
        removed: 1,
        before: "a\r\nb\r\n",
        after: "a\r\nc\r\n",
      },
      { path: "bare.txt", change: "modified", added: 1, removed: 1, before: "x\ny", after: "x\nz" },
      expect.objectContaining({ path: "bin/go.sh", change: "renamed", from: "run.sh" }),
      { path: "old.txt", change: "deleted", added: 0, removed: 1, before: "gone\n", after: null },
      { path: "new/deep/f.txt", change: "added", added: 1, removed: 0, before: null, after: "new\n" },
    ]),
  })
  expect(files(kept)).toEqual({
    "crlf.txt": "a\r\nc\r\n",
    "bare.txt": "x\nz",
    "bin/go.sh": "#!/bin/sh\necho hi\n",
    "new/deep/f.txt": "new\n",
  })
  expect(statSync(join(kept.room.tree, "bin/go.sh")).mode & 0o777).toBe(0o755)
  const changed = await kept.keeper.changes(soon())
  expect(changed.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
    "file bare.txt",
    "file bin/go.sh",
    "file crlf.txt",
    "file new/deep/f.txt",
    "absent old.txt",
    "absent run.sh",
  ])
})

test("a patch that can't be applied changes nothing, and says why", async () => {
  await using kept = await keptRoom({
    files: { "a.txt": "one\n", "bin.dat": Buffer.from([0xff, 0xfe, 0]), ".gitignore": "ignored/\n*.log\n" },
  })
  symlinkSync("/etc/passwd", join(kept.room.tree, "link"))
  symlinkSync(kept.mirror, join(kept.room.tree, "away"))
  mkdirSync(join(kept.room.tree, "folder"))
  const before = files(kept)
  const bad = [
    [["*** Update File: a.txt", "@@", "-two", "+three"], "does not match|no line"],
    [["*** Add File: b.txt", "+b", "*** Update File: nowhere.txt", "@@", "-x", "+y"], "no such file"],
    [["*** Add File: .git/hooks/x", "+b"], "git folder"],
    [["*** Add File: sub/.GIT/x", "+b"], "git folder"],
    [["*** Add File: ../x", "+b"], "'..' segment"],
    [["*** Add File: /etc/x", "+b"], "relative"],
    [["*** Update File: link", "@@", "-x", "+y"], "symbolic link to /etc/passwd"],
    [["*** Add File: away/x", "+b"], "symbolic link"],
    [["*** Add File: a.txt/x", "+b"], "is a file"],
    [["*** Add File: folder", "+b"], "folder"],
    [["*** Update File: bin.dat", "@@", "-x", "+y"], "not UTF-8"],
    [["*** Add File: ignored/x", "+b"], "ignored by git"],
    [["*** Add File: deep/x.log", "+b"], "ignored by git"],
    [["*** Rename File: a"], "Line 2"],
  ] as const
  for (const [lines, reason] of bad)
    expect(await patch(kept, [...lines])).toEqual({
      ok: false,
      reason: expect.stringMatching(new RegExp(reason)),
    })
  expect(files(kept)).toEqual(before)
  expect(await kept.keeper.changes(soon())).toEqual([])
})

test("when writing fails halfway, nothing of the patch is left, however long git looks at the full disk before", async () => {
  const folder = mkdtempSync("/tmp/twolane-full-")
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=384k", "none", folder])
  try {
    await using kept = await keptRoom({ room: { tree: folder } })
    writeFileSync(join(folder, ".git"), readFileSync(join(kept.folder, "tree/.git")))
    writeFileSync(join(folder, "a.txt"), "one\n")
    // Every new path is held against each of them, which takes longer than a look at the disk comes round.
    writeFileSync(join(folder, ".gitignore"), Array.from({ length: 20_000 }, (_, n) => `*q${n}*z\n`).join(""))
    const before = readdirSync(folder)
    const outcome = patch(
      kept,
      [
        "*** Update File: a.txt",
        "@@",
        "-one",
        "+two",
        ...Array.from({ length: 200 }, (_, n) => [
          `*** Add File: new/${"q1".repeat(20)}${n}.txt`,
          "+b",
        ]).flat(),
        "*** Add File: big.txt",
      ],
      Array.from({ length: 5_000 }, () => `+${"x".repeat(60)}`),
    )
    expect(await outcome).toEqual({ ok: false, reason: expect.stringContaining("disk") })
    expect(readdirSync(folder)).toEqual(before)
    expect(readFileSync(join(folder, "a.txt"), "utf8")).toBe("one\n")
  } finally {
    execFileSync("umount", [folder])
    rmSync(folder, { recursive: true })
  }
})

test("a patch waits until no command runs", async () => {
  await using kept = await keptRoom()
  const order: string[] = []
  const run = sh(kept.keeper, "sleep 0.5; cat a.txt").then(done => order.push(done.output))
  const patched = patch(kept, "*** Update File: a.txt", "@@", "-one", "+two").then(() =>
    order.push("patched"),
  )
  const later = sh(kept.keeper, "cat a.txt").then(done => order.push(done.output))
  await Promise.all([run, patched, later])
  expect(order).toEqual(["one\n", "patched", "two\n"])
})

test("reading gives lines, and never follows a link or waits on a pipe", async () => {
  await using kept = await keptRoom({
    files: {
      "a.txt": "1\n2\n3\n4\n",
      "nul.bin": Buffer.from([65, 0, 66]),
      "latin.txt": Buffer.from([0xe9, 10]),
      empty: "",
    },
  })
  const read = (path: string, offset = 1, limit = 100) => kept.keeper.read({ path, offset, limit }, soon())
  await sh(kept.keeper, "mkfifo pipe; ln -s /etc/passwd link; ln -s / out; mkdir d")
  expect(await read("a.txt")).toEqual({ ok: true, text: "1\n2\n3\n4\n", lines: 4, truncated: false })
  expect(await read("a.txt", 2, 2)).toEqual({ ok: true, text: "2\n3", lines: 4, truncated: true })
  expect(await read("/workspace/a.txt", 4)).toEqual({ ok: true, text: "4\n", lines: 4, truncated: false })
  expect(await read("empty")).toEqual({ ok: true, text: "", lines: 0, truncated: false })
  expect(await read("latin.txt")).toMatchObject({ ok: true, text: "\uFFFD\n" })
  const reasons = {
    "nul.bin": "binary",
    pipe: "regular",
    link: "symbolic link to /etc/passwd",
    "out/etc/passwd": "symbolic link",
    d: "folder",
    "no/x": "no such",
    "../x": "segment",
    "/etc/passwd": "relative",
  }
  for (const [path, reason] of Object.entries(reasons))
    expect(await read(path)).toEqual({ ok: false, reason: expect.stringContaining(reason) })
})

test("listing and searching leave ignored files out and take patterns as they are", async () => {
  await using kept = await keptRoom({
    files: {
      "src/a.ts": "const one = 1\n",
      "src/deep/b.tsx": "one two\n",
      "c.md": "one\n",
      ".gitignore": "ignored/\n",
      "gone.ts": "one\n",
    },
  })
  await sh(kept.keeper, "mkdir ignored; echo one > ignored/x.ts; echo 'one new' > src/new.ts; rm gone.ts")
  const list = (glob: string) => kept.keeper.list({ glob }, soon())
  expect(await list("**")).toEqual({
    paths: [".gitignore", "c.md", "src/a.ts", "src/deep/b.tsx", "src/new.ts"],
    truncated: false,
  })
  expect((await list("src/**/*.{ts,tsx}")).paths).toEqual(["src/a.ts", "src/deep/b.tsx", "src/new.ts"])
  expect((await list("'; touch pwned; '")).paths).toEqual([])
  const search = (pattern: string, glob: string | null = null) =>
    kept.keeper.search({ pattern, glob }, soon())
  expect(await search("^(const )?one\\b.*\\d$")).toEqual({
    ok: true,
    lines: ["src/a.ts:1:const one = 1"],
    truncated: false,
  })
  expect(await search("one", "**/*.tsx")).toEqual({
    ok: true,
    lines: ["src/deep/b.tsx:1:one two"],
    truncated: false,
  })
  expect(await search("nothing like it")).toEqual({ ok: true, lines: [], truncated: false })
  expect(await search("(unclosed")).toEqual({ ok: false, reason: expect.stringMatching(/parenthes|compile/) })
})

test("changes after a command are found, also those that try to hide", async () => {
  await using kept = await keptRoom({
    files: {
      "a.txt": "one\n",
      "b.txt": "b\n",
      "c.txt": "c\n",
      "f.txt": "f\n",
      "dir/x": "x\n",
      ".gitignore": "ignored/\n",
    },
  })
  const done = await sh(
    kept.keeper,
    `set -e
git update-index --assume-unchanged a.txt; echo two > a.txt
git update-index --skip-worktree b.txt; echo b2 > b.txt
chmod +x c.txt
rm f.txt; mkfifo f.txt
rm -r dir; ln -s /etc dir
mkdir -p nested ignored; git init -q nested; echo x > nested/f; echo x > ignored/f
ln -s a.txt inside
printf x > "$(printf 'bad\\377name')"
printf x > 'new
line'`,
  )
  expect(done.exitCode).toBe(0)
  expect(await kept.keeper.changes(soon())).toEqual(
    expect.arrayContaining([
      { path: "a.txt", kind: "file", executable: false, bytes: 4 },
      { path: "b.txt", kind: "file", executable: false, bytes: 3 },
      { path: "c.txt", kind: "file", executable: true, bytes: 2 },
      { path: "f.txt", kind: "refused", reason: "it is a socket, a pipe or a device" },
      { path: "dir", kind: "symlink", target: "/etc" },
      { path: "dir/x", kind: "absent" },
      { path: "inside", kind: "symlink", target: "a.txt" },
      { path: "nested/", kind: "refused", reason: "it is a nested repository" },
      { path: "bad\uFFFDname", kind: "refused", reason: "its name is not UTF-8" },
      { path: "new\nline", kind: "file", executable: false, bytes: 1 },
    ]),
  )
})

test("staged bytes are copies, whatever the agent does to the tree meanwhile", async () => {
  await using kept = await keptRoom({ files: { "a.txt": "one\n", "big.txt": "x\n" } })
  const into = join(kept.folder, "staged")
  mkdirSync(into)
  await sh(kept.keeper, "echo two > a.txt; head -c 5000 /dev/zero > big.txt")
  writeFileSync(join(kept.folder, "secret"), "secret")
  const swap = sh(
    kept.keeper,
    `for n in $(seq 300); do ln -sf ${join(kept.folder, "secret")} t; mv -T t a.txt; echo two > u; mv u a.txt; done`,
  )
  const seen = new Set<string>()
  let running = true
  void swap.then(() => {
    running = false
  })
  while (running)
    for (const change of await kept.keeper.stage({ paths: ["a.txt"], into, maxBytes: 100 }, soon()))
      seen.add(change.kind === "file" ? readFileSync(change.copy, "utf8") : change.kind)
  expect(seen).not.toContain("secret")
  expect(seen).toContain("two\n")
  expect(await kept.keeper.stage({ paths: ["big.txt", "nowhere"], into, maxBytes: 100 }, soon())).toEqual([
    { path: "big.txt", kind: "refused", reason: "the change is larger than 100 bytes" },
    { path: "nowhere", kind: "absent" },
  ])
})
