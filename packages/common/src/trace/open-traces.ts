/** Only imported where traces are on: with none of OpenTelemetry loaded, nothing of it can cost anything. */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api"
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http"
import { resourceFromAttributes } from "@opentelemetry/resources"
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  RandomIdGenerator,
  TracerProvider,
} from "@opentelemetry/sdk-trace"
import type { TracePlace } from "./context.ts"
import type { PlainSpan } from "./span.ts"

/** Sends spans. Disposing it sends what is left, for at most some seconds. */
export type Traces = AsyncDisposable & { send(span: PlainSpan): void }

const leaveWithinMs = 3_000

/** Opens the way to an OTLP receiver (`<url>/v1/traces`, JSON); it is never waited for, and loses spans rather than hold anything up. */
export const openTraces = (part: string, url: string): Traces => {
  const random = new RandomIdGenerator()
  // The SDK asks for ids while a span begins: ours are known before.
  let next: TracePlace | null = null
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": `twolane-${part}`, "service.namespace": "twolane" }),
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    idGenerator: {
      generateTraceId: () => next?.traceId ?? random.generateTraceId(),
      generateSpanId: () => next?.spanId ?? random.generateSpanId(),
    },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url: `${url}/v1/traces` }),
        scheduledDelayMillis: 1_000,
      }),
    ],
  })
  const tracer = provider.getTracer("twolane")
  return {
    send: ({ place, parent, name, kind, startedAt, endedAt, attributes, failed }) => {
      next = place
      const above =
        parent === null
          ? ROOT_CONTEXT
          : trace.setSpanContext(ROOT_CONTEXT, {
              traceId: parent.traceId,
              spanId: parent.spanId,
              traceFlags: parent.sampled ? 1 : 0,
              isRemote: true,
            })
      const span = tracer.startSpan(name, { kind: SpanKind[kind], startTime: startedAt, attributes }, above)
      next = null
      if (failed !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failed })
      span.end(endedAt)
    },
    [Symbol.asyncDispose]: async () => {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>(resolve => {
        timer = setTimeout(resolve, leaveWithinMs)
      })
      // A receiver that is away must not keep a part from ending.
      await Promise.race([provider.shutdown().catch(() => undefined), late])
      clearTimeout(timer)
    },
  }
}
