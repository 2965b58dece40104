import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Core } from '../../../core.ts';
import { currentShare } from '../../../observability/trace.ts';
import { isId } from '../../../utils/ids.ts';
import { createWorkQueue } from '../../../utils/work-queue.ts';
import { publicUrl } from '../mail-links.ts';
import type { AddressKeys, Folder, Grant, ObjectFacts, Storage } from './contract.ts';
import { isProved, prove } from './signed-address.ts';

type Parts = Pick<Core, 'config' | 'clock'> & { keyring: AddressKeys };

/** Contents of one file that come at once: of one that broke off the server may not know yet. */
const MAX_AT_ONCE = 2;
/** Contents that come at once, of all networks and of one. */
const PLACES = { concurrency: 64, concurrencyPerClient: 16 };
/** Those that wait for a place, in turns of their networks: nothing of them is read meanwhile. */
const WAITING = { maxWaiting: 128, maxWaitingPerClient: 64, maxWaitMs: 10_000 };

const PART = '.part';
/** A request is over by then; what is left was written by a process that was ended. */
const STALE_PART_MS = 60_000;

/** One folder for each object, so that it appears whole and goes whole. */
export function createFolder({ config, clock, keyring }: Parts, directory: string): Storage {
  const keys = { clock, keyring };
  const addressOf = (grant: Grant, seconds: number, named: Record<string, string | number>): string => {
    const url = new URL(`${publicUrl(config)}/files/contents/${grant.id}`);
    const query = { type: grant.type, ...named, ...prove(keys, grant, seconds) };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    return url.href;
  };
  const placeOf = (id: string): string => {
    if (!isId(id)) throw new Error('a file has an id');
    return join(directory, id);
  };
  return {
    uploadTo: async ({ id, size, type }, seconds) => ({
      url: addressOf({ method: 'PUT', id, type, what: size }, seconds, { size }),
      headers: { 'content-type': type },
    }),
    downloadFrom: async ({ id, name, type }, seconds) =>
      addressOf({ method: 'GET', id, type, what: name }, seconds, { name }),
    find: async (id) => {
      const place = placeOf(id);
      const found = await present(stat(join(place, 'content')));
      return found && { size: found.size, type: await readFile(join(place, 'type'), 'utf8') };
    },
    remove: (id) => rm(placeOf(id), { recursive: true, force: true }),
    folder: {
      isGranted: (grant, proof) => isProved(keys, grant, proof),
      write: createWrite(placeOf),
      open: (id) => present(open(join(placeOf(id), 'content'))),
    },
  };
}

function createWrite(placeOf: (id: string) => string): Folder['write'] {
  const queue = createWorkQueue({ ...PLACES, ...WAITING, refuse: () => new Error('too many uploads are under way') });
  const underWay = new Map<string, number>();
  return async (id, facts, content) => {
    const others = underWay.get(id) ?? 0;
    if (others >= MAX_AT_ONCE) return false;
    underWay.set(id, others + 1);
    try {
      return await queue.run(() => writeOnce(placeOf(id), facts, content), { client: currentShare() });
    } finally {
      const left = (underWay.get(id) ?? 0) - 1;
      if (left > 0) underWay.set(id, left);
      else underWay.delete(id);
    }
  };
}

/** The content has its name once it is whole. A link, unlike a new name, replaces nothing. */
async function writeOnce(place: string, { size, type }: ObjectFacts, content: Readable): Promise<boolean> {
  await mkdir(place, { recursive: true, mode: 0o700 });
  await removeStaleParts(place);
  const part = join(place, `${randomBytes(8).toString('hex')}${PART}`);
  try {
    await pipeline(content, createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true }));
    if ((await stat(part)).size !== size) throw new Error('the content has another size than its request said');
    await writeFile(join(place, 'type'), type, { mode: 0o600 });
    await link(part, join(place, 'content'));
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(part, { force: true });
  }
}

async function removeStaleParts(place: string): Promise<void> {
  for (const name of await readdir(place)) {
    if (!name.endsWith(PART)) continue;
    const part = join(place, name);
    const found = await present(stat(part));
    if (found !== undefined && Date.now() - found.mtimeMs > STALE_PART_MS) await rm(part, { force: true });
  }
}

/** The value; `undefined` if the file does not exist. */
async function present<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
