import { Agent, request } from 'node:http';
import type { Server } from '../servers.ts';
import type { Case, Sent } from './cases.ts';
import type { Filled } from './cluster.ts';

/** A database with the server on it. */
export interface Target {
  filled: Filled;
  server: Server;
}

/** The times of one case, in milliseconds: by round, then by size in the order of the targets. */
export interface Times {
  name: string;
  rounds: number[][][];
}

const WARM_UP = 15;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/**
 * One request at a time, each number sent to every size before the next one: whatever slows the machine meets all alike.
 * Rejects where an answer is not 2xx.
 */
export async function measureCase(
  targets: readonly Target[],
  subject: Case,
  { round, warm }: { round: number; warm: boolean },
): Promise<number[][]> {
  const times = targets.map((): number[] => []);
  const first = round * (subject.samples + WARM_UP);
  for (let number = -WARM_UP; number < subject.samples; number++) {
    for (let turn = 0; turn < targets.length; turn++) {
      const place = (turn + number + WARM_UP) % targets.length;
      const target = targets[place];
      if (target === undefined) continue;
      const asked = first + WARM_UP + number;
      if (warm && subject.is_read) await timed(target, subject, asked);
      const ms = await timed(target, subject, asked);
      if (number >= 0) times[place]?.push(ms);
    }
  }
  return times;
}

async function timed({ filled, server }: Target, { request, onAnswer }: Case, number: number): Promise<number> {
  const sent = request(filled, number);
  const started = performance.now();
  const { status, body } = await send(server.url, sent);
  const ms = performance.now() - started;
  if (status >= 300) throw new Error(`${sent.method} ${sent.path} of ${filled.size} users: ${status} ${body}`);
  onAnswer?.(filled, number, body);
  return ms;
}

function send(url: string, { method, path, token, body }: Sent): Promise<{ status: number; body: string }> {
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
  };
  return new Promise((resolve, reject) => {
    const sending = request(url + path, { method, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      response.on('error', reject);
    });
    sending.on('error', reject);
    sending.end(body);
  });
}
