import type { HandoffPacket, Lane } from "@twolane/protocol"

/** A hand-off in words, for the first message of the turn that takes over. Empty parts are left out. */
export const packetInWords = (packet: HandoffPacket, from: Lane): string => {
  const { checkpoint, diff, filesRead, tried, tests, trips, steering, openQuestions, missing } = packet
  const parts = [
    `This task was handed over from the ${from} lane. ${
      checkpoint === null
        ? "Nothing was changed yet."
        : "The workspace holds what was done so far; go on from there, and keep of it what is right."
    }`,
    listed(
      "What was tried, and how it went",
      tried.map(({ what, result }) => `${what} → ${result}`),
    ),
    tests === null ? "" : `The tests said last (${tests.command}): ${tests.status}\n${tests.output.trim()}`,
    listed(
      "Guardrails that stopped something",
      trips.map(({ rule, detail }) => `${rule}: ${detail}`),
    ),
    listed("What the person said on the way", steering),
    listed("Open questions", openQuestions),
    filesRead.length === 0 ? "" : `Files that were read: ${filesRead.join(", ")}.`,
    diff === "" ? "" : `The patches so far, oldest first:\n${diff.trimEnd()}`,
    listed("What could not be handed over", missing),
  ]
  return parts.filter(part => part !== "").join("\n\n")
}

const listed = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? "" : `${title}:\n${lines.map(line => `- ${line.trim()}`).join("\n")}`
