import { Link, useLocation, useNavigate } from "@tanstack/react-router"
import { allows } from "@twolane/protocol"
import { useEffect, useRef } from "react"
import { useCommands } from "../keys/commands.ts"
import { useMe } from "../session/session.ts"
import { views } from "../views.ts"

/** The views that the reader may see, and the keys that go to them. */
export const Navigation = () => {
  const navigate = useNavigate()
  const { role } = useMe()
  const { pathname } = useLocation()
  const bar = useRef<HTMLElement>(null)
  const seen = views.filter(view => !("needs" in view) || allows(role, view.needs))
  useCommands(
    seen.map(({ to, name, key }) => ({
      id: `go-${name}`,
      title: `Go to ${name}`,
      section: "Go to",
      keys: [`g ${key}`],
      run: () => void navigate({ to }),
    })),
  )
  // On a phone the bar is wider than its place.
  useEffect(() => {
    const links = [...(bar.current?.querySelectorAll("a") ?? [])]
    const current = links.find(link => link.pathname === pathname)
    current?.scrollIntoView({ block: "nearest", inline: "nearest" })
  }, [pathname])
  return (
    <nav
      ref={bar}
      aria-label="Views"
      className="flex min-w-0 items-center gap-0.5 overflow-x-auto max-sm:order-last max-sm:-mx-3 max-sm:w-screen max-sm:justify-between max-sm:px-1.5 max-sm:pb-2"
    >
      {seen.map(({ to, name }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ includeSearch: false }}
          className="rounded-md px-2.5 py-1 max-sm:px-1 max-sm:py-1.5 font-medium text-muted hover:bg-hover hover:text-ink aria-[current]:bg-hover aria-[current]:text-ink"
        >
          {name}
        </Link>
      ))}
    </nav>
  )
}
