import {
  type Context,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SeverityNumber,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Config } from '../config.ts';
import { product } from '../product.ts';
import { AppError } from '../utils/errors.ts';
import { newId } from '../utils/ids.ts';
import type { Attributes, Span, Telemetry } from './trace.ts';

/** Which signals are sent, and with which attributes of this service beside its name. */
export interface TelemetryOptions {
  traces: boolean;
  logs: boolean;
  attributes: Readonly<Record<string, string>>;
}

const DEFAULT_COLLECTOR = 'http://localhost:4318';
/** The longest wait at the end of the process for a collector that does not answer. */
const FLUSH_WITHIN_MS = 2000;
/** Exports to an unreachable collector fail every few seconds; the log reports it once a minute. */
const REPORT_EVERY_MS = 60_000;

const SEVERITIES: Readonly<Record<string, SeverityNumber>> = {
  trace: SeverityNumber.TRACE,
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
  fatal: SeverityNumber.FATAL,
};

/**
 * Sends traces and logs to an OpenTelemetry collector, as the OTEL_* settings say. The only file that imports
 * OpenTelemetry, and itself imported only if a signal is sent.
 */
export function startTelemetry(config: Config, { traces, logs, attributes }: TelemetryOptions): Telemetry {
  const resource = defaultResource().merge(
    resourceFromAttributes({
      'service.instance.id': newId(),
      'process.pid': process.pid,
      ...attributes,
      'service.name': config.otel_service_name,
    }),
  );
  const tracing = traces ? createTracing(config, resource) : undefined;
  const logging = logs ? createLogging(config, resource) : undefined;
  return {
    ...(tracing && { startTrace: tracing.startTrace }),
    ...(logging && { exportLine: logging.exportLine }),
    reportTo: (log) => {
      let reported = Number.NEGATIVE_INFINITY;
      setGlobalErrorHandler((error) => {
        if (performance.now() - reported < REPORT_EVERY_MS) return;
        reported = performance.now();
        log.warn(
          { event: 'telemetry.export_failed', problem: messageOf(error) },
          'the collector took no traces or logs; they are lost',
        );
      });
    },
    close: async () => {
      const flushed = Promise.allSettled([tracing?.shutdown(), logging?.shutdown()]);
      const { promise: deadline, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, FLUSH_WITHIN_MS);
      await Promise.race([flushed, deadline]);
      clearTimeout(timer);
    },
  };
}

function createTracing(
  config: Config,
  resource: Resource,
): { startTrace: NonNullable<Telemetry['startTrace']>; shutdown: () => Promise<void> } {
  const Exporter = config.otel_exporter_otlp_protocol === 'http/json' ? JsonTraceExporter : OTLPTraceExporter;
  const exporter = new Exporter({
    url: config.otel_exporter_otlp_traces_endpoint || signalUrl(config, 'v1/traces'),
    headers: config.otel_exporter_otlp_headers.reveal(),
  });
  const provider = new TracerProvider({
    resource,
    sampler: samplerOf(config),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: config.otel_bsp_schedule_delay })],
  });
  const tracer = provider.getTracer(product.slug);
  const propagator = new W3CTraceContextPropagator();
  const readsParent = config.otel_propagators === 'tracecontext';

  const contextOf = (headers: Readonly<Record<string, string | string[] | undefined>>): Context => {
    if (!readsParent || headers.traceparent === undefined) return ROOT_CONTEXT;
    return propagator.extract(ROOT_CONTEXT, headers, { get: (carrier, name) => carrier[name], keys: Object.keys });
  };
  return {
    startTrace: (name, { headers, attributes }) =>
      toSpan(
        tracer,
        tracer.startSpan(name, { kind: SpanKind.SERVER, attributes: { ...attributes } }, contextOf(headers)),
      ),
    shutdown: () => provider.shutdown(),
  };
}

function createLogging(
  config: Config,
  resource: Resource,
): { exportLine: (line: string) => void; shutdown: () => Promise<void> } {
  const Exporter = config.otel_exporter_otlp_protocol === 'http/json' ? JsonLogExporter : OTLPLogExporter;
  const exporter = new Exporter({
    url: config.otel_exporter_otlp_logs_endpoint || signalUrl(config, 'v1/logs'),
    headers: config.otel_exporter_otlp_headers.reveal(),
  });
  const provider = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor({ exporter, scheduledDelayMillis: config.otel_blrp_schedule_delay })],
  });
  const logger = provider.getLogger(product.slug);
  return {
    // Parses the printed line, so that nothing is sent that the log does not show.
    exportLine: (line) => {
      const { level, time, pid: _pid, msg, event, trace_id, span_id, ...attributes } = JSON.parse(line);
      logger.emit({
        timestamp: new Date(time),
        severityNumber: SEVERITIES[level] ?? SeverityNumber.UNSPECIFIED,
        severityText: level,
        eventName: event,
        body: msg ?? event,
        attributes,
        context: trace_id === undefined ? ROOT_CONTEXT : contextOfIds(trace_id, span_id),
      });
    },
    shutdown: () => provider.shutdown(),
  };
}

function contextOfIds(traceId: string, spanId: string): Context {
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: 0 });
}

function toSpan(tracer: Tracer, span: OtelSpan): Span {
  const { traceId: trace_id, spanId: span_id } = span.spanContext();
  const context = trace.setSpan(ROOT_CONTEXT, span);
  return {
    trace_id,
    span_id,
    child: (name, { kind, attributes } = {}) => {
      const options = { kind: kind === 'client' ? SpanKind.CLIENT : SpanKind.INTERNAL, attributes: { ...attributes } };
      return toSpan(tracer, tracer.startSpan(name, options, context));
    },
    end: (outcome) => endSpan(span, outcome),
  };
}

function endSpan(span: OtelSpan, { error, attributes }: { error?: unknown; attributes?: Attributes } = {}): void {
  if (!span.isRecording()) return;
  if (attributes !== undefined) span.setAttributes({ ...attributes });
  if (error !== undefined) {
    // An error's message may repeat a client's input; its code does not.
    span.setAttribute('error.type', codeOf(error));
    const isRefusal = error instanceof AppError && error.status < 500;
    if (!isRefusal) span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause instanceof Error ? codeOf(error.cause) : error.name;
}

function signalUrl({ otel_exporter_otlp_endpoint: endpoint }: Config, path: string): string {
  const base = endpoint || DEFAULT_COLLECTOR;
  return base.endsWith('/') ? base + path : `${base}/${path}`;
}

function samplerOf({ otel_traces_sampler: name, otel_traces_sampler_arg: ratio }: Config): Sampler {
  const root = rootSampler(name.replace('parentbased_', ''), ratio);
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

function rootSampler(name: string, ratio: number): Sampler {
  if (name === 'always_off') return new AlwaysOffSampler();
  return name === 'traceidratio' ? new TraceIdRatioBasedSampler(ratio) : new AlwaysOnSampler();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
