import { InvalidArgumentError } from "commander"

/** An option's number above 0. */
export const positive = (text: string): number => {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError("It must be a number above 0.")
  return value
}
