import { type ReactNode, useEffect, useId, useRef } from "react"

type DialogProps = { title: string; titleHidden?: boolean; onClose: () => void; children: ReactNode }

/** A modal dialog: the browser keeps the focus in it, gives it back afterwards, and closes it on Escape. */
export const Dialog = ({ title, titleHidden = false, onClose, children }: DialogProps) => {
  const element = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const dialog = element.current
    dialog?.showModal()
    return () => dialog?.close()
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside the dialog closes it; the key for that is Escape
    <dialog
      ref={element}
      aria-labelledby={heading}
      onClose={onClose}
      onClick={event => event.target === event.currentTarget && onClose()}
      className="m-auto mt-[12vh] max-h-[84dvh] w-full max-w-xl overflow-y-auto rounded-xl border border-line bg-raised p-0 text-ink shadow-raised outline-none max-sm:mt-4 max-sm:max-h-[calc(100dvh-2rem)] max-sm:w-[calc(100%-1.5rem)]"
    >
      <div className="p-5">
        <h2 id={heading} className={titleHidden ? "sr-only" : "mb-4 font-semibold text-lg"}>
          {title}
        </h2>
        {children}
      </div>
    </dialog>
  )
}
