import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

type Value = { stringValue?: string; intValue?: number | string; boolValue?: boolean; doubleValue?: number };

/** A span or a log record as OTLP's JSON writes them, its attributes as an object. */
export interface Sent {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  /** 1: internal, 2: server, 3: client. */
  kind: number;
  status: { code?: number; message?: string };
  events: unknown[];
  severityText?: string;
  body?: Value;
  attributes: Record<string, unknown>;
}

/** An OpenTelemetry collector on loopback that keeps what it gets. */
export interface Collector {
  url: string;
  /** Path, headers and body of every request. */
  requests: { path: string; headers: Record<string, unknown>; body: Buffer }[];
  spans: () => Sent[];
  records: () => Sent[];
  /** The attributes of the sender. */
  resource: () => Record<string, unknown>;
  close: () => Promise<void>;
}

export async function startCollector(): Promise<Collector> {
  const requests: Collector['requests'] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    requests.push({ path: request.url ?? '', headers: { ...request.headers }, body: Buffer.concat(chunks) });
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const all = (path: string, groups: string, scopes: string, entries: string): Sent[] =>
    bodies(requests, path).flatMap((body) =>
      listOf(body[groups]).flatMap((group) =>
        listOf(group[scopes]).flatMap((scope) => listOf(scope[entries]).map(read)),
      ),
    );
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    spans: () => all('/v1/traces', 'resourceSpans', 'scopeSpans', 'spans'),
    records: () => all('/v1/logs', 'resourceLogs', 'scopeLogs', 'logRecords'),
    resource: () => {
      const [group] = bodies(requests, '/v1/traces').flatMap(({ resourceSpans }) => listOf(resourceSpans));
      return read(group?.resource as Json).attributes;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

type Json = Record<string, unknown>;

function bodies(requests: Collector['requests'], path: string): Json[] {
  return requests.filter((request) => request.path === path).map(({ body }) => JSON.parse(body.toString()));
}

function listOf(value: unknown): Json[] {
  return (value ?? []) as Json[];
}

function read(entry: Json): Sent {
  const attributes = (entry.attributes ?? []) as { key: string; value: Value }[];
  return {
    ...entry,
    attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
  } as unknown as Sent;
}
