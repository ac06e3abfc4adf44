/** Calls `act` soon, in a task of its own, then again at most every `everyMs` while it is asked for. */
export const throttle = (act: () => void, everyMs: number): (() => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked = false
  const tick = (): void => {
    timer = undefined
    if (asked) run()
  }
  const run = (): void => {
    asked = false
    timer = setTimeout(tick, everyMs)
    act()
  }
  return () => {
    asked = true
    if (timer === undefined) timer = setTimeout(tick)
  }
}
