import { Role } from "@twolane/protocol"
import { type Command, Option } from "commander"
import { z } from "zod"
import type { Act } from "../commands.ts"
import { defined } from "../defined.ts"
import { UsageError } from "../exit.ts"
import { auditCommand, exportAuditCommand, headOf, verifyAuditCommand } from "./audit.ts"
import { addKeyCommand, keysCommand, removeKeyCommand } from "./keys.ts"
import { signInCommand } from "./sign-in.ts"

const TeamOptions = z.object({ team: z.string().optional() })
const KeyOptions = TeamOptions.extend({
  email: z.string().optional(),
  role: Role,
  expires: z.string().optional(),
})

const AuditOptions = z.object({
  action: z.string().optional(),
  by: z.string().optional(),
  object: z.string().optional(),
  since: z.string().optional(),
  until: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(200),
  verify: z.boolean().optional(),
  known: z.string().optional(),
  export: z.boolean().optional(),
})

const teamOption = () => new Option("--team <team>", "another team's: for the key of the settings alone")

/** Keys, links to sign in with on the page, and what everybody did. */
export const addAccessCommands = (program: Command, act: Act): void => {
  addAudit(program, act)
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
  if (Number.isNaN(at)) throw new UsageError(`${text} is no moment: give a day such as 2027-03-31`)
  return at
}

const addAudit = (program: Command, act: Act): void => {
  program
    .command("audit")
    .description("who did what, newest first")
    .option("--action <name>", "such as task.submit or key.revoke")
    .option("--by <key id>")
    .option("--object <id>", "a task's, key's or repo's")
    .option("--since <moment>")
    .option("--until <moment>")
    .option("--limit <number>", "at most 200", "50")
    .option("--export", "every record that is kept as JSON lines, oldest first")
    .option("--verify", "prove that no record was changed or taken away")
    .option("--known <number:seal>", "with --verify: also against what an earlier one printed")
    .action(options => {
      const {
        verify = false,
        known,
        export: all = false,
        since,
        until,
        ...wanted
      } = AuditOptions.parse(options)
      if (verify) {
        const head = known === undefined ? undefined : headOf(known)
        return act(context => verifyAuditCommand(context, head))
      }
      if (all) return act(exportAuditCommand)
      const times = defined({
        since: since === undefined ? undefined : momentOf(since),
        until: until === undefined ? undefined : momentOf(until),
      })
      return act(context => auditCommand(context, { ...defined(wanted), ...times }))
    })
}
