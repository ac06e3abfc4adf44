import { Link, Outlet, useNavigate } from "@tanstack/react-router"
import { useEffect, useState } from "react"
import { useCommands } from "../keys/commands.ts"
import { KeyList } from "../keys/key-list.tsx"
import { listenToKeys } from "../keys/keyboard.ts"
import { Palette } from "../keys/palette.tsx"
import { LiveContext, useConnection } from "../live/use-live.ts"
import { Account } from "./account.tsx"
import { ConnectionBanner, ConnectionMark } from "./connection.tsx"
import { Logo } from "./logo.tsx"
import { Navigation } from "./navigation.tsx"
import { useStartedLive } from "./started-live.ts"
import { ThemeSwitch } from "./theme-switch.tsx"

/** What stands around every view once somebody is signed in. */
export const Shell = () => (
  <LiveContext value={useStartedLive()}>
    <a
      href="#view"
      className="sr-only z-50 rounded bg-raised p-2 shadow-raised focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
    >
      Skip to the view
    </a>
    <div className="flex h-dvh flex-col">
      <header className="flex min-h-12 shrink-0 flex-wrap items-center gap-x-4 border-line border-b bg-surface px-4 max-sm:px-3">
        <Link to="/" className="flex items-center gap-2 font-semibold text-lg">
          <Logo />
          Twolane
        </Link>
        <Navigation />
        <div className="ml-auto flex h-12 shrink-0 items-center gap-1">
          <ConnectionMark />
          <Overlays />
          <ThemeSwitch />
          <Account />
        </div>
      </header>
      <ConnectionBanner />
      {/* What is placed in it, as words for readers of the screen are, scrolls with it: the page around it never does. */}
      <main id="view" tabIndex={-1} className="relative min-h-0 flex-1 overflow-y-auto outline-none">
        <Outlet />
      </main>
    </div>
    <LeaveWhenSignedOut />
  </LiveContext>
)

/** The palette and the list of keys, each over everything else. */
const Overlays = () => {
  const navigate = useNavigate()
  const [open, setOpen] = useState<"palette" | "keys" | null>(null)
  const close = () => setOpen(null)
  useEffect(() => {
    const stop = new AbortController()
    listenToKeys(stop.signal)
    return () => stop.abort()
  }, [])
  useCommands([
    {
      id: "palette",
      title: "Go to or do anything",
      section: "Page",
      keys: ["mod+k"],
      inPalette: false,
      run: () => setOpen(open === "palette" ? null : "palette"),
    },
    {
      id: "ask",
      title: "Ask for a change",
      section: "Page",
      keys: ["c"],
      run: () => void navigate({ to: "/ask" }),
    },
    { id: "keys", title: "Show the keys", section: "Page", keys: ["?"], run: () => setOpen("keys") },
  ])
  return (
    <>
      <button
        type="button"
        onClick={() => setOpen("palette")}
        aria-label="Go to or do anything"
        title="Go to or do anything (Ctrl K)"
        className="ml-2 grid size-8 place-items-center rounded-md text-muted hover:bg-hover hover:text-ink"
      >
        <svg viewBox="0 0 16 16" className="size-4" aria-hidden="true">
          <path
            d="M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9M10.3 10.3l3.2 3.2"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.4"
            strokeLinecap="round"
          />
        </svg>
      </button>
      {open === "palette" && <Palette onClose={close} />}
      {open === "keys" && <KeyList onClose={close} />}
    </>
  )
}

/** With a new document: nothing that was loaded is kept for whoever signs in next. */
const LeaveWhenSignedOut = () => {
  const { state } = useConnection()
  useEffect(() => {
    if (state === "signed-out") window.location.assign("/sign-in")
  }, [state])
  return null
}
