import type { ComponentProps } from "react"

const looks = {
  primary: "border-transparent bg-accent text-on-accent hover:opacity-90",
  plain: "border-line-strong bg-raised text-ink hover:bg-hover",
  quiet: "border-transparent bg-transparent text-muted hover:bg-hover hover:text-ink",
  danger: "border-line-strong bg-raised text-bad hover:bg-bad-soft",
} as const

const sizes = { small: "h-6 px-2 text-sm", normal: "h-8 px-3" } as const

type ButtonProps = ComponentProps<"button"> & {
  look?: keyof typeof looks
  size?: keyof typeof sizes
  /** Its action is under way: it can't be pressed again. */
  busy?: boolean
}

/** A button; `type` is `button` unless said. */
export const Button = ({ look = "plain", size = "normal", busy = false, ...rest }: ButtonProps) => (
  <button
    type="button"
    {...rest}
    disabled={rest.disabled === true || busy}
    aria-busy={busy}
    className={`inline-flex shrink-0 items-center justify-center gap-1.5 whitespace-nowrap rounded-md border font-medium transition-colors disabled:cursor-not-allowed disabled:opacity-55 ${sizes[size]} ${looks[look]} ${rest.className ?? ""}`}
  />
)
