import { Link, useNavigate } from "@tanstack/react-router"
import { useCommands } from "../keys/commands.ts"
import { views } from "../views.ts"

/** The views, and the keys that go to them. */
export const Navigation = () => {
  const navigate = useNavigate()
  useCommands(
    views.map(({ to, name, key }) => ({
      id: `go-${name}`,
      title: `Go to ${name}`,
      section: "Go to",
      keys: [`g ${key}`],
      run: () => void navigate({ to }),
    })),
  )
  return (
    <nav aria-label="Views" className="-mx-1 flex min-w-0 flex-1 items-center gap-0.5 overflow-x-auto px-1">
      {views.map(({ to, name }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ includeSearch: false }}
          className="rounded-md px-2.5 py-1 font-medium text-muted hover:bg-hover hover:text-ink aria-[current]:bg-hover aria-[current]:text-ink"
        >
          {name}
        </Link>
      ))}
    </nav>
  )
}
