import { pino } from 'pino';
import { createAppContext } from '../app/app.ts';
import type { Config } from '../app/config.ts';
import type { RequestContext } from '../app/context.ts';
import { newId } from '../app/utils/ids.ts';

/** Runs `work` with the services' context, as the operator at the terminal, and closes the pool after it. */
export async function inAppContext<T>(config: Config, work: (ctx: RequestContext) => Promise<T>): Promise<T> {
  // Standard output belongs to what the command prints.
  const log = pino({ level: 'warn' }, pino.destination({ fd: 2, sync: true }));
  const { ctx, close } = createAppContext(config, { log });
  try {
    return await work({
      ...ctx,
      request_id: newId(),
      client: { ip: 'local', user_agent: 'back' },
      reportQuota: () => {},
      actor: null,
    });
  } finally {
    await close();
  }
}
