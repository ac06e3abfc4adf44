import { parseArgs } from "node:util"

/** One option of a suite that is started by hand: what its value is called, what it is for, and what holds without it. */
export type SuiteOption = { value: string; says: string; default?: string }

/**
 * The options that a suite was started with. `--help` prints them and ends; so does one that there is not, with the code of wrong usage.
 */
export const readOptions = <const Options extends Record<string, SuiteOption>>(
  command: string,
  options: Options,
): Values<Options> => {
  const known = Object.fromEntries(
    Object.entries<SuiteOption>(options).map(([name, { default: usual }]) => [
      name,
      { type: "string" as const, ...(usual === undefined ? {} : { default: usual }) },
    ]),
  )
  let values: Record<string, unknown>
  try {
    values = parseArgs({ options: { ...known, help: { type: "boolean" } } }).values
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usageOf(command, options)}`)
    process.exit(2)
  }
  if (values.help !== true) return values as Values<Options>
  console.log(usageOf(command, options))
  process.exit(0)
}

type Values<Options extends Record<string, SuiteOption>> = {
  [Name in keyof Options]: Options[Name] extends { default: string } ? string : string | undefined
}

const usageOf = (command: string, options: Record<string, SuiteOption>): string =>
  [
    `Usage: ${command} [options]`,
    "",
    ...Object.entries(options).map(([name, { value, says, default: usual }]) => {
      const flag = `--${name} <${value}>`.padEnd(22)
      return `  ${flag} ${says}${usual === undefined ? "" : ` (${usual})`}`
    }),
  ].join("\n")
