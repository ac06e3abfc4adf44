import { useCommands } from "../keys/commands.ts"
import { chooseTheme, type Theme, useTheme } from "./theme.ts"

const next: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" }
const signs: Record<Theme, string> = {
  system: "M2.5 3.5h11v7h-11zM6 13.5h4",
  light:
    "M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6M8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M12.6 3.4l-.7.7M4.1 11.9l-.7.7",
  dark: "M13 9.6A5.6 5.6 0 0 1 6.4 3a5.3 5.3 0 1 0 6.6 6.6z",
}

/** Goes from the system's theme to light, to dark, and back. */
export const ThemeSwitch = () => {
  const theme = useTheme()
  useCommands(
    (["system", "light", "dark"] as const).map(each => ({
      id: `theme-${each}`,
      title: `Theme: ${each}`,
      section: "Page",
      run: () => chooseTheme(each),
    })),
  )
  return (
    <button
      type="button"
      onClick={() => chooseTheme(next[theme])}
      title={`Theme: ${theme}`}
      aria-label={`Theme: ${theme}. Change to ${next[theme]}`}
      className="grid size-8 place-items-center rounded-md text-muted hover:bg-hover hover:text-ink"
    >
      <svg viewBox="0 0 16 16" className="size-4" aria-hidden="true">
        <path
          d={signs[theme]}
          fill="none"
          stroke="currentColor"
          strokeWidth="1.3"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
    </button>
  )
}
