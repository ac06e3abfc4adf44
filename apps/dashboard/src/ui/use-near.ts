import { type RefObject, useEffect, useState } from "react"

/** How far beyond what is seen something counts as near. */
const margin = "900px"

/** Whether an element has come near to what is seen; once it was, it stays so. For what is dear to make, and mostly never looked at. */
export const useNear = (element: RefObject<HTMLElement | null>): boolean => {
  const [near, setNear] = useState(false)
  useEffect(() => {
    if (element.current === null || near) return
    const root = document.getElementById("view")
    const observer = new IntersectionObserver(
      entries => entries.some(({ isIntersecting }) => isIntersecting) && setNear(true),
      { root, rootMargin: margin },
    )
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [element, near])
  return near
}
