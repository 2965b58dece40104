import { product } from '../product.ts';
import { Secret } from '../utils/secret.ts';
import { boolean, integer, list, oneOf, setting, word } from './settings.ts';

/** OpenTelemetry's own variables, under their standard names and meanings; part of SETTINGS. */
export const TELEMETRY_SETTINGS = {
  OTEL_EXPORTER_OTLP_ENDPOINT: setting({
    section: 'Telemetry',
    default: '',
    purpose: 'OpenTelemetry collector, such as http://localhost:4318; traces are sent if it is set',
    parse: collectorUrl,
  }),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: setting({
    section: 'Telemetry',
    default: '',
    purpose: 'Whole URL for traces, if it is not /v1/traces of the collector',
    parse: collectorUrl,
  }),
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: setting({
    section: 'Telemetry',
    default: '',
    purpose: 'Whole URL for logs, if it is not /v1/logs of the collector',
    parse: collectorUrl,
  }),
  OTEL_EXPORTER_OTLP_PROTOCOL: setting({
    section: 'Telemetry',
    default: 'http/protobuf',
    purpose: 'http/protobuf or http/json',
    parse: oneOf('http/protobuf', 'http/json'),
  }),
  OTEL_EXPORTER_OTLP_HEADERS: setting({
    section: 'Telemetry',
    default: '',
    secret: true,
    purpose: 'Headers for the collector: name=value, comma-separated, percent-encoded',
    parse: (text) => new Secret(pairs(text)),
  }),
  OTEL_TRACES_EXPORTER: setting({
    section: 'Telemetry',
    default: 'auto',
    purpose: 'otlp, none, or auto: otlp if a collector is set for traces',
    parse: oneOf('auto', 'otlp', 'none'),
  }),
  OTEL_LOGS_EXPORTER: setting({
    section: 'Telemetry',
    default: 'none',
    purpose: 'otlp or none; the log goes to standard output either way',
    parse: oneOf('otlp', 'none'),
  }),
  OTEL_TRACES_SAMPLER: setting({
    section: 'Telemetry',
    default: 'parentbased_always_on',
    purpose:
      'always_on, always_off, traceidratio, or one of them after parentbased_, by which the caller decides for its own traces',
    parse: oneOf(
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ),
  }),
  OTEL_TRACES_SAMPLER_ARG: setting({
    section: 'Telemetry',
    default: '1',
    purpose: 'Share of the traces that traceidratio keeps, from 0 to 1',
    parse: share,
  }),
  OTEL_PROPAGATORS: setting({
    section: 'Telemetry',
    default: 'tracecontext',
    purpose: 'tracecontext: a request continues the trace of its traceparent header; none: every request begins one',
    parse: oneOf('tracecontext', 'none'),
  }),
  OTEL_SERVICE_NAME: setting({
    section: 'Telemetry',
    default: product.slug,
    purpose: 'Name of this service in traces and logs',
    parse: word,
  }),
  OTEL_RESOURCE_ATTRIBUTES: setting({
    section: 'Telemetry',
    default: '',
    purpose: 'Further attributes of this service: key=value, comma-separated, percent-encoded',
    parse: (text) => {
      pairs(text);
      return text;
    },
  }),
  OTEL_BSP_SCHEDULE_DELAY: setting({
    section: 'Telemetry',
    default: '5000',
    unit: 'milliseconds',
    purpose: 'Longest wait before finished spans are sent',
    parse: integer(1, 600_000),
  }),
  OTEL_BLRP_SCHEDULE_DELAY: setting({
    section: 'Telemetry',
    default: '1000',
    unit: 'milliseconds',
    purpose: 'Longest wait before log records are sent',
    parse: integer(1, 600_000),
  }),
  OTEL_SDK_DISABLED: setting({
    section: 'Telemetry',
    default: 'false',
    purpose: 'Send nothing, whatever the other variables say',
    parse: boolean,
  }),
};

/** Which signals are sent to a collector, and with which attributes of this service; without a signal OpenTelemetry is not loaded. */
export function telemetryOptions(config: {
  readonly otel_sdk_disabled: boolean;
  readonly otel_traces_exporter: 'auto' | 'otlp' | 'none';
  readonly otel_logs_exporter: 'otlp' | 'none';
  readonly otel_exporter_otlp_endpoint: string;
  readonly otel_exporter_otlp_traces_endpoint: string;
  readonly otel_resource_attributes: string;
}): { traces: boolean; logs: boolean; attributes: Readonly<Record<string, string>> } {
  const attributes = pairs(config.otel_resource_attributes);
  if (config.otel_sdk_disabled) return { traces: false, logs: false, attributes };
  const hasCollector = (config.otel_exporter_otlp_traces_endpoint || config.otel_exporter_otlp_endpoint) !== '';
  const { otel_traces_exporter: traces } = config;
  return {
    traces: traces === 'otlp' || (traces === 'auto' && hasCollector),
    logs: config.otel_logs_exporter === 'otlp',
    attributes,
  };
}

/** `name=value,…` as W3C Baggage writes it; values are percent-decoded. Its error never repeats the text. */
function pairs(text: string): Readonly<Record<string, string>> {
  const entries = list(text).map((entry) => {
    const [, name, value = ''] = /^([^\s=]+)\s*=\s*(.*)$/.exec(entry) ?? [];
    if (name === undefined || !isDecodable(value)) throw new Error('must be name=value, comma-separated');
    return [name, decodeURIComponent(value)];
  });
  return Object.freeze(Object.fromEntries(entries));
}

function isDecodable(text: string): boolean {
  return !/%(?![0-9a-f]{2})/i.test(text) && canDecode(text);
}

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** A collector usually stands in the same network, so plain http is accepted. */
function collectorUrl(text: string): string {
  if (text === '') return text;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new Error('must be an http or https URL');
  if (url.username !== '' || url.password !== '')
    throw new Error('must not hold a password: give it in OTEL_EXPORTER_OTLP_HEADERS');
  return text;
}

function share(text: string): number {
  const value = Number(text);
  if (!/^(0|1|0?\.\d+|1\.0+|0\.0+)$/.test(text)) throw new Error('must be a number from 0 to 1');
  return value;
}
