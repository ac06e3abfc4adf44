import { useCallback, useState } from "react"
import { sayProblem } from "./toasts.tsx"

/**
 * Runs actions of a person one at a time: `busy` while one is under way, and what goes wrong is said with what was being done. Answers
 * whether it went well.
 */
export const useAct = (): {
  busy: boolean
  act: (doing: string, action: () => Promise<unknown>) => Promise<boolean>
} => {
  const [busy, setBusy] = useState(false)
  const act = useCallback(async (doing: string, action: () => Promise<unknown>) => {
    setBusy(true)
    try {
      await action()
      return true
    } catch (error) {
      sayProblem(doing, error)
      return false
    } finally {
      setBusy(false)
    }
  }, [])
  return { busy, act }
}
