import { createHash } from 'node:crypto';
import { and, eq, sql } from 'drizzle-orm';
import type { RequestContext } from '../../../context.ts';
import type { ClientInfo, Core } from '../../../core.ts';
import { knownDevices } from '../../../models/auth/known-devices.ts';
import { sessions } from '../../../models/auth/sessions.ts';
import { users } from '../../../models/auth/users.ts';
import { clientNetworks } from '../../../utils/client-networks.ts';
import type { EmailAddress } from '../../../utils/emails.ts';
import { deviceName } from '../user-agents.ts';

const MAX_DEVICES = 20;
/** A device without a new session for this time is unknown again. */
const KNOWN_DAYS = 180;

/** The key of the client's device, if it had a session of the account with this address; a text that is none has no device. */
export async function findKnownDevice(ctx: RequestContext, address: string): Promise<string | undefined> {
  const device_key = deviceKey(address, ctx.client);
  const [known] = await ctx.db
    .select({ device_key: knownDevices.device_key })
    .from(knownDevices)
    .innerJoin(users, eq(users.id, knownDevices.user_id))
    .where(
      and(
        sql`${users.email} = ${address}`,
        eq(knownDevices.device_key, device_key),
        sql`${knownDevices.seen_at} > now() - make_interval(days => ${KNOWN_DAYS})`,
      ),
    );
  return known?.device_key;
}

/** The keys of all devices of the account with this canonical address. */
export async function listKnownDevices(ctx: Pick<Core, 'db'>, email: EmailAddress): Promise<string[]> {
  const rows = await knownDeviceKeys(ctx, email);
  return rows.map(({ device_key }) => device_key);
}

/** The query of them. */
export function knownDeviceKeys({ db }: Pick<Core, 'db'>, email: EmailAddress) {
  return db
    .select({ device_key: knownDevices.device_key })
    .from(knownDevices)
    .innerJoin(users, eq(users.id, knownDevices.user_id))
    .where(eq(users.email, email));
}

/**
 * Makes the client's device known to a user, if this session of it was started; the oldest of more than twenty devices becomes
 * unknown. True if the account has known others, and this one not.
 */
export async function rememberDevice(
  ctx: RequestContext,
  user: { id: string; email: EmailAddress },
  session_id: string,
): Promise<boolean> {
  const device_key = deviceKey(user.email, ctx.client);
  const { rows } = await ctx.db.execute<{ is_new: boolean }>(sql`
    with remembered as (
      insert into ${knownDevices} as d (user_id, device_key)
      select user_id, ${device_key} from ${sessions} where id = ${session_id} and user_id = ${user.id}
      on conflict (user_id, device_key) do update set seen_at = now() where d.seen_at < now() - interval '1 day'
      -- A row that was there before was locked by this statement.
      returning xmax = 0 as is_new
    ), forgotten as (
    delete from ${knownDevices} where user_id = ${user.id} and device_key in (
      select device_key from ${knownDevices} where user_id = ${user.id} and device_key <> ${device_key}
      order by seen_at desc offset ${MAX_DEVICES - 1}
    ))
    select exists (select from remembered where is_new)
      and exists (select from ${knownDevices} where user_id = ${user.id}) as is_new`);
  return rows[0]?.is_new ?? false;
}

/** A device has no secret: its key is the kind of device in its network (/24, /48). Guesses that imitate one count for it alone. */
function deviceKey(address: string, { ip, user_agent }: ClientInfo): string {
  const network = clientNetworks(ip).at(-1)?.name;
  return createHash('sha256')
    .update(JSON.stringify([address, network, deviceName(user_agent)]))
    .digest('base64url');
}
