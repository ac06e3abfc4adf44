const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent)

const names: Readonly<Record<string, string>> = {
  Escape: "Esc",
  ArrowUp: "↑",
  ArrowDown: "↓",
  mod: isApple ? "⌘" : "Ctrl",
}

/** The keys of a command, as caps. */
export const KeyLabel = ({ keys }: { keys: string }) => (
  <span className="inline-flex gap-1">
    {keys.split(/[ +]/).map((key, index) => (
      <kbd
        // biome-ignore lint/suspicious/noArrayIndexKey: the caps of one label never move
        key={index}
        className="min-w-5 rounded border border-line-strong bg-sunken px-1 text-center font-sans text-xs text-muted"
      >
        {names[key] ?? key}
      </kbd>
    ))}
  </span>
)
