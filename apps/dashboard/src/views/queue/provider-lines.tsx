import type { LaneQueue } from "@twolane/protocol"
import { exactWords } from "../../ui/words.ts"

/** The models' providers that keep a lane waiting, and why. */
export const ProviderLines = ({ providers }: { providers: LaneQueue["providers"] }) => (
  <ul className="mt-2 text-sm empty:hidden">
    {providers
      .filter(({ state }) => state !== "open")
      .map(({ host, model, state, reason, opensAt, waiting }) => (
        <li key={`${host} ${model}`} className="text-warn">
          {model} at {host}:{" "}
          {reason ?? (state === "blocked" ? "asks to be left alone" : "its rate limit is used up")}
          {waiting > 0 && `, ${waiting} ${waiting === 1 ? "call waits" : "calls wait"}`}
          {opensAt !== null && <span title={exactWords(opensAt)}>, until {timeFormat.format(opensAt)}</span>}
        </li>
      ))}
  </ul>
)

const timeFormat = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" })
