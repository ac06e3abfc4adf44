import type { Lane } from "@twolane/protocol"

/** The class of each lane's colour. */
export const laneInk: Record<Lane, string> = { fast: "text-fast", deep: "text-deep" }

/** The lane's sign: one quick stroke, or a long broken one. */
export const LaneSign = ({ lane }: { lane: Lane }) => (
  <svg viewBox="0 0 12 14" className={`h-3.5 w-3 shrink-0 ${laneInk[lane]}`} aria-hidden="true">
    <path
      d="M2.5 12 9.5 2"
      stroke="currentColor"
      strokeWidth="2.4"
      strokeLinecap="round"
      strokeDasharray={lane === "deep" ? "2.6 4" : undefined}
      fill="none"
    />
  </svg>
)

/** The lane by sign and name. */
export const LaneName = ({ lane }: { lane: Lane }) => (
  <span className={`inline-flex items-center gap-1.5 font-medium ${laneInk[lane]}`}>
    <LaneSign lane={lane} />
    {lane === "fast" ? "Fast" : "Deep"}
  </span>
)
