import { setTimeout as sleep } from 'node:timers/promises';
import { HOLDS } from '../helpers/held-connections.ts';

const CONNECTIONS = 100;
/** Of these each has hundreds of requests. */
const UNREAD_CONNECTIONS = 20;
const LOOKS = 20;
const LOOK_EVERY_MS = 100;

/** Holds connections in every way against the server, and says where its health was not told in time meanwhile. */
export async function lookWhileHeld(port: number, deadline_ms: number): Promise<string[]> {
  const faults: string[] = [];
  for (const [way, hold] of Object.entries(HOLDS)) {
    const held = await hold({ port, connections: way.startsWith('pipelines') ? UNREAD_CONNECTIONS : CONNECTIONS });
    try {
      for (let look = 0; look < LOOKS; look++, await sleep(LOOK_EVERY_MS)) {
        const signal = AbortSignal.timeout(deadline_ms);
        const { status } = await fetch(`http://127.0.0.1:${port}/health/live`, { signal });
        if (status !== 200) faults.push(`${way}: the health is ${status}`);
      }
    } catch {
      faults.push(`${way}: the health is not told within ${deadline_ms} ms`);
    } finally {
      held.end();
    }
  }
  return faults;
}
