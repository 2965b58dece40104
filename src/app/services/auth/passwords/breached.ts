import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Core } from '../../../core.ts';
import { currentShare } from '../../../observability/trace.ts';
import { product } from '../../../product.ts';
import { createWorkQueue } from '../../../utils/work-queue.ts';
import { tooManyPasswords } from '../overload.ts';

/** Passwords known from breaches: from a file, a range service, both or neither. */
export interface BreachedPasswords {
  /**
   * True if a source knows the password. A source that fails or takes longer than three seconds counts as not knowing it, and is
   * logged. Throws service_unavailable if too many passwords of the client's network wait.
   */
  includes: (password: string) => Promise<boolean>;
}

const DEADLINE_MS = 3000;
/** Passwords that are looked up at once, of all networks and of one: each has a file or a connection open. */
const PLACES = { concurrency: 64, concurrencyPerClient: 16 };
/** Those that wait for a place, in turns of their networks. */
const WAITING = { maxWaiting: 256, maxWaitingPerClient: 128, maxWaitMs: 6000 };
/** A padded answer has about 40 kB. */
const MAX_ANSWER_BYTES = 1_000_000;
const PREFIX_LENGTH = 5;
const HASH_LENGTH = 40;
/** Holds the rest of one line and the hash of the next. A line is a hash, a colon, a count and a line end. */
const WINDOW_BYTES = 128;

export function createBreachedPasswords({ config, log }: Pick<Core, 'config' | 'log'>): BreachedPasswords {
  const { password_breach_file: file, password_breach_url: url } = config;
  const sources: ((hash: string) => Promise<boolean>)[] = [];
  if (file !== '') sources.push((hash) => isInFile(file, hash));
  if (url !== '') sources.push((hash) => isInRange(url, hash));
  const isKnown = async (password: string): Promise<boolean> => {
    // These services and files are keyed by SHA-1; it protects nothing here.
    const hash = createHash('sha1').update(password).digest('hex').toUpperCase();
    for (const isIn of sources) {
      try {
        if (await isIn(hash)) return true;
      } catch (err) {
        log.warn(
          { event: 'password.breach_check_failed', err },
          'a new password could not be looked up among the breached ones; it was accepted',
        );
      }
    }
    return false;
  };
  const queue = createWorkQueue({ ...PLACES, ...WAITING, refuse: tooManyPasswords });
  return { includes: (password) => queue.run(() => isKnown(password), { client: currentShare() }) };
}

/** Binary search in a sorted file of lines; about 36 reads in the 40 GB of all known hashes. */
async function isInFile(path: string, hash: string): Promise<boolean> {
  const file = await open(path);
  try {
    let low = 0;
    let high = (await file.stat()).size;
    const window = Buffer.alloc(WINDOW_BYTES);
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      // One byte earlier, so that a line that begins exactly in the middle is found.
      const from = Math.max(0, middle - 1);
      const { bytesRead } = await file.read(window, 0, WINDOW_BYTES, from);
      const start = middle === 0 ? 0 : window.subarray(0, bytesRead).indexOf('\n') + 1;
      const isWithin = (middle === 0 || start > 0) && from + start < high;
      const found = isWithin ? window.toString('latin1', start, start + HASH_LENGTH).toUpperCase() : undefined;
      if (found === hash) return true;
      if (found !== undefined && found < hash) low = from + start + HASH_LENGTH;
      else high = middle;
    }
    return false;
  } finally {
    await file.close();
  }
}

/** Requests all hashes with the first five digits and looks for ours: the service learns five digits, never the password. */
async function isInRange(url: string, hash: string): Promise<boolean> {
  const response = await fetch(url + hash.slice(0, PREFIX_LENGTH), {
    redirect: 'error',
    // With padding the size of the answer discloses nothing.
    headers: { accept: 'text/plain', 'add-padding': 'true', 'user-agent': product.slug },
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    throw new Error(`the range service answered ${response.status}`);
  }
  const suffix = hash.slice(PREFIX_LENGTH);
  const lines = (await readText(response.body)).split('\n');
  // Padding lines have count 0.
  return lines.some((line) => line.startsWith(`${suffix}:`) && Number(line.slice(suffix.length + 1)) > 0);
}

async function readText(body: ReadableStream<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    // Leaving the loop cancels the stream and closes the connection.
    if (size > MAX_ANSWER_BYTES) throw new Error(`the range service sent more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}
