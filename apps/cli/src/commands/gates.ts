import { clean } from "@twolane/common/clean"
import { ago } from "@twolane/common/words"
import type { Context } from "../connect.ts"
import { exitCodes } from "../exit.ts"

/** `twolane gates`: what waits for a person. */
export const gatesCommand = async ({ client, output, signal }: Context): Promise<number> => {
  const page = await client.gates({ limit: 200 }, { signal })
  output.value(page)
  if (page.items.length === 0) output.line("Nothing waits for a decision.")
  for (const gate of page.items) {
    output.line(`${gate.task} (${clean(gate.repo)}) asks ${ago(gate.openedAt, Date.now())}: ${gate.kind}`)
    for (const line of clean(gate.detail).trimEnd().split("\n")) output.line(`    ${line}`)
    output.line(`  twolane gates allow ${gate.task} ${gate.id}`)
    output.line(`  twolane gates deny ${gate.task} ${gate.id} --note "…"`)
  }
  return exitCodes.succeeded
}

/** `twolane gates allow|deny`: a person's answer, given once. */
export const decideCommand = async (
  { client, output, signal }: Context,
  {
    task,
    gate,
    decision,
    note,
  }: { task: string; gate: string; decision: "allow" | "deny"; note?: string | undefined },
): Promise<number> => {
  const answer = await client.decideGate(
    task,
    gate,
    { decision, ...(note === undefined ? {} : { note }) },
    { signal },
  )
  output.value(answer)
  output.line(`${gate}: ${decision}`)
  return exitCodes.succeeded
}
