import { useLoaderData } from "@tanstack/react-router"
import { useEffect } from "react"
import { Logo } from "../../shell/logo.tsx"
import { useTitle } from "../../shell/use-title.ts"
import { ProblemNote } from "../../ui/problem-note.tsx"

/** For who is not signed in: why a link did not work, and where the next one comes from. */
export const SignInView = () => {
  useTitle("Sign in")
  const { error } = useLoaderData({ from: "/sign-in" })
  // A link that is pasted over this address differs by what stands behind the #, for which a browser loads nothing again.
  useEffect(() => {
    const again = () => window.location.reload()
    window.addEventListener("hashchange", again)
    return () => window.removeEventListener("hashchange", again)
  }, [])
  return (
    <main className="grid min-h-dvh place-items-center p-6">
      <div className="w-full max-w-md">
        <div className="flex items-center gap-2 font-semibold text-xl">
          <Logo />
          Twolane
        </div>
        {error !== null && (
          <div className="mt-6">
            <ProblemNote error={error} />
          </div>
        )}
        <h1 className="mt-6 font-semibold text-lg">Sign in with a link</h1>
        <p className="mt-2 text-muted">
          A link signs you in once. <Code>npm start</Code> prints one when it starts,{" "}
          <Code>npx twolane sign-in</Code> makes one for your API key, and an admin can send you one as an
          invitation.
        </p>
      </div>
    </main>
  )
}

const Code = ({ children }: { children: string }) => (
  <code className="rounded bg-sunken px-1 font-mono text-ink text-sm">{children}</code>
)
