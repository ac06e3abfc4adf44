import { useStore } from "../store.ts"
import { Dialog } from "../ui/dialog.tsx"
import { type Command, commandStore } from "./commands.ts"
import { KeyLabel } from "./key-label.tsx"

/** All keys that work now, by section. */
export const KeyList = ({ onClose }: { onClose: () => void }) => {
  const commands = useStore(commandStore).filter(command => (command.keys?.length ?? 0) > 0)
  return (
    <Dialog title="Keys" onClose={onClose}>
      <div className="columns-1 gap-8 sm:columns-2">
        {[...Map.groupBy(commands, command => command.section)].map(([section, all]) => (
          <section key={section} className="mb-4 break-inside-avoid">
            <h3 className="mb-1 font-medium text-faint text-sm">{section}</h3>
            <dl>
              {distinct(all).map(({ id, title, keys = [] }) => (
                <div key={id} className="flex items-center justify-between gap-4 py-1">
                  <dt>{title}</dt>
                  <dd className="flex shrink-0 gap-2">
                    {keys.map(each => (
                      <KeyLabel key={each} keys={each} />
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}

const distinct = (commands: readonly Command[]): Command[] => [
  ...new Map(commands.map(command => [command.id, command])).values(),
]
