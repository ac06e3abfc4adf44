import { changedFile } from "@twolane/common/guardrails/changed-file"
import { applyPatch } from "@twolane/common/patch/apply"
import { parsePatch } from "@twolane/common/patch/parse"
import type { FastWorkspace } from "../../src/fast/ports.ts"
import type { TestsResult } from "../../src/ports.ts"

/** A tree in memory behind the workspace port; `check` says how its tests go. */
export const makeTree = (
  files: Record<string, string>,
  check: (
    files: ReadonlyMap<string, string>,
    signal: AbortSignal,
  ) => Partial<TestsResult> | Promise<Partial<TestsResult>> = () => ({}),
) => {
  const base = new Map(Object.entries(files))
  const now = new Map(base)
  let saved = new Map(base)
  let saves = 0
  const made: Extract<FastWorkspace, { ok: true }> = {
    ok: true,
    workspace: {
      base: "base",
      read: async path => {
        const text = now.get(path)
        return text === undefined
          ? { ok: false, reason: "no such file" }
          : { ok: true, text, lines: text.split("\n").length, truncated: false }
      },
      list: async () => ({ paths: [...now.keys()].sort(), truncated: false }),
      search: async () => ({ lines: [], truncated: false }),
      applyPatch: async text => {
        const parsed = parsePatch(text)
        const plan = parsed.ok ? applyPatch(parsed.patch, path => now.get(path) ?? null) : parsed
        if (!plan.ok) return { ok: false, reason: plan.reason }
        for (const { path, text: next } of plan.writes)
          if (next === null) now.delete(path)
          else now.set(path, next)
        return { ok: true }
      },
      run: async () => ({ exitCode: 0, ended: "exited", output: "", truncated: false, durationMs: 1 }),
      checkpoint: async () => ({ saved: null, refused: [] }),
      kill: async () => ({ killed: 0, proof: "worker" }),
      expectTests: () => undefined,
      test: async ({ onStart }, signal) => {
        onStart({ command: "npm test", selection: "targeted", files: [] })
        const found = await check(now, signal)
        signal.throwIfAborted()
        return {
          status: "passed",
          command: "npm test",
          durationMs: 1,
          output: "",
          failures: [],
          failuresAtBase: [],
          ...found,
        }
      },
      [Symbol.asyncDispose]: async () => undefined,
    },
    checkpoint: async () => {
      const paths = [...new Set([...saved.keys(), ...now.keys()])].filter(
        path => saved.get(path) !== now.get(path),
      )
      if (paths.length === 0) return { saved: null, refused: [] }
      const changes = paths.map(path =>
        changedFile({ path, before: saved.get(path) ?? null, after: now.get(path) ?? null }),
      )
      saved = new Map(now)
      saves += 1
      const shown = changes.map(({ path, change, added, removed }) => ({ path, change, added, removed }))
      return {
        saved: {
          sha: `c${saves}`,
          files: shown,
          diff: "",
          whole: { files: 1, added: 1, removed: 1 },
          portable: true,
        },
        refused: [],
      }
    },
  }
  return { base, now, made }
}
export type Tree = ReturnType<typeof makeTree>
