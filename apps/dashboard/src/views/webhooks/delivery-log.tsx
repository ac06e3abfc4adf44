import { useInfiniteQuery } from "@tanstack/react-query"
import { Button } from "../../ui/button.tsx"
import { ProblemNote } from "../../ui/problem-note.tsx"
import { deliveriesOf } from "./deliveries.ts"
import { DeliveryRow } from "./delivery-row.tsx"

type DeliveryLogProps = { hook: string; onReplayed: () => Promise<void> }

/** What was sent to a webhook, newest first: all that waits, and the last of the others. */
export const DeliveryLog = ({ hook, onReplayed }: DeliveryLogProps) => {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    deliveriesOf(hook),
  )
  const deliveries = data?.pages.flatMap(({ items }) => items) ?? []
  const reload = async () => {
    await Promise.all([refetch(), onReplayed()])
  }
  if (error !== null) return <ProblemNote error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <p className="text-muted">Loading …</p>
  if (deliveries.length === 0)
    return <p className="text-muted">Nothing yet: no event that it hears has happened since it was made.</p>
  return (
    <>
      <ol aria-label="Deliveries" className="divide-y divide-line">
        {deliveries.map(delivery => (
          <DeliveryRow key={delivery.id} hook={hook} delivery={delivery} onReplayed={reload} />
        ))}
      </ol>
      {hasNextPage && (
        <Button size="small" className="mt-2" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show older ones
        </Button>
      )}
    </>
  )
}
