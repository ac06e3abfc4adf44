import { Role } from "@twolane/protocol"
import { type Command, Option } from "commander"
import { z } from "zod"
import type { Act } from "../commands.ts"
import { defined } from "../defined.ts"
import { UsageError } from "../exit.ts"
import { addKeyCommand, keysCommand, removeKeyCommand } from "./keys.ts"
import { signInCommand } from "./sign-in.ts"

const TeamOptions = z.object({ team: z.string().optional() })
const KeyOptions = TeamOptions.extend({
  email: z.string().optional(),
  role: Role,
  expires: z.string().optional(),
})

const teamOption = () => new Option("--team <team>", "another team's: for the key of the settings alone")

/** Keys, and links to sign in with on the page. */
export const addAccessCommands = (program: Command, act: Act): void => {
  program
    .command("sign-in [key]")
    .description("print a link that signs in on the page once; with a key's id, an invitation for its owner")
    .action((key?: string) => act(context => signInCommand(context, key)))
  const keys = program.command("keys").description("who may use Twolane, and how")
  keys
    .command("list", { isDefault: true })
    .addOption(teamOption())
    .action(options => act(context => keysCommand(context, defined(TeamOptions.parse(options)))))
  keys
    .command("add <name>")
    .description("make a key and print its secret, once")
    .addOption(new Option("--role <role>").choices(Role.options).default("member"))
    .option("--email <address>", "the author's address of its commits")
    .option("--expires <date>", "a day such as 2027-03-31, or a moment in ISO 8601")
    .addOption(teamOption())
    .action((name: string, options) => {
      const { email, role, team, expires } = KeyOptions.parse(options)
      const expiresAt = expires === undefined ? undefined : momentOf(expires)
      return act(context => addKeyCommand(context, { name, role, ...defined({ email, team, expiresAt }) }))
    })
  keys
    .command("rm <id>")
    .description("revoke a key, with its sessions and open streams")
    .action((id: string) => act(context => removeKeyCommand(context, id)))
}

const momentOf = (text: string): number => {
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new UsageError("--expires: give a day such as 2027-03-31")
  return at
}
