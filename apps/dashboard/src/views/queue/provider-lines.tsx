import type { LaneQueue, ProviderRate } from "@twolane/protocol"
import { exactWords, onceMade } from "../../ui/words.ts"

/** The models' providers that say something of their limits: what is left, or why calls wait. */
export const ProviderLines = ({ providers }: { providers: LaneQueue["providers"] }) => (
  <ul aria-label="Models' limits" className="mt-2 text-sm empty:hidden">
    {providers
      .filter(({ state, requests, tokens }) => state !== "open" || requests !== null || tokens !== null)
      .map(provider => (
        <li
          key={`${provider.host} ${provider.model}`}
          className={provider.state === "open" ? "text-faint" : "text-warn"}
        >
          {provider.model} at {provider.host}: {provider.state !== "open" && <Held {...provider} />}
          {[leftWords(provider.requests, "requests"), leftWords(provider.tokens, "tokens")]
            .filter(Boolean)
            .join(", ")}
        </li>
      ))}
  </ul>
)

const Held = ({ state, reason, waiting, opensAt, requests, tokens }: ProviderRate) => (
  <>
    {reason ?? (state === "blocked" ? "asks to be left alone" : "its rate limit is used up")}
    {waiting > 0 && `, ${waiting} ${waiting === 1 ? "call waits" : "calls wait"}`}
    {opensAt !== null && <span title={exactWords(opensAt)}>, until {timeFormat().format(opensAt)}</span>}
    {(requests !== null || tokens !== null) && "; "}
  </>
)

const leftWords = (bucket: ProviderRate["requests"], noun: string): string =>
  bucket === null
    ? ""
    : `${countFormat().format(bucket.remaining)} of ${countFormat().format(bucket.limit)} ${noun} left`

const countFormat = onceMade(() => new Intl.NumberFormat(undefined, { notation: "compact" }))
const timeFormat = onceMade(() => new Intl.DateTimeFormat(undefined, { timeStyle: "medium" }))
