/** Two lanes side by side: one quick stroke, one long. */
export const Logo = () => (
  <svg viewBox="0 0 20 20" className="size-5" aria-hidden="true">
    <path d="M4 17 9.5 3" stroke="var(--fast)" strokeWidth="3" strokeLinecap="round" />
    <path
      d="M10.5 17 16 3"
      stroke="var(--deep)"
      strokeWidth="3"
      strokeLinecap="round"
      strokeDasharray="3.6 5.2"
    />
  </svg>
)
