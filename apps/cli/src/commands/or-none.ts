import { z } from "zod"

/** Takes a limit away. Commander takes null for no value at all, so that it stays a word until the options are parsed. */
export const none = "none"

/** An option that is a number, or `none`. */
export const OrNone = z.union([z.number(), z.literal(none).transform(() => null)]).optional()
