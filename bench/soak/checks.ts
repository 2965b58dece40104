import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { SmtpSink } from '../../tests/helpers/smtp.ts';
import { HALF_ACCOUNTS, LOST_ACCOUNTS, LOST_ITEMS, STRAYS } from '../../tests/helpers/whole-rows.ts';
import type { People } from './people.ts';
import type { Check } from './report.ts';
import type { LogFindings } from './samples.ts';

/** Sessions that ran out long ago, for the sweep. */
const PAST_SESSIONS = 5000;
/** A mail leaves within two seconds of its commit; the last ones may be tried again. */
const MAILS_WITHIN_MS = 30_000;
/** It comes once in half an hour to one hour and a half. */
const SWEPT_AFTER_SECONDS = 91 * 60;

/** Leaves sessions of two months ago, as a server has that ran all the time. */
export async function leavePastSessions(client: pg.Client): Promise<void> {
  await client.query(
    `insert into sessions (id, user_id, created_at, refreshed_at, last_used_at, expires_at)
     select (lpad(to_hex((extract(epoch from past) * 1000)::bigint + n), 12, '0') || substr(md5(n::text), 1, 20))::uuid,
       (select id from users limit 1), past, past, past, past + interval '30 days'
     from generate_series(1, $1) as n, (select now() - interval '60 days') as time (past)`,
    [PAST_SESSIONS],
  );
}

/** What people were told, held against what is in the database. */
export async function judgeRows(client: pg.Client, { all, told }: People, seconds: number): Promise<Check[]> {
  const rows = async (text: string, values: unknown[] = []): Promise<number> =>
    (await client.query(text, values)).rows.length;
  const items = all.flatMap((person) => person.items);
  const none = (what: string, found: number): Check => ({ what, holds: found === 0, seen: `${found}` });
  const past = await rows(`select from sessions where expires_at < now()`);
  return [
    none('no acknowledged item is lost', await rows(LOST_ITEMS, [items])),
    none('no deleted item is back', await rows('select from kit_notes where id <> all($1::uuid[])', [items])),
    none('no acknowledged account is lost', await rows(LOST_ACCOUNTS, [told.registered])),
    none('no account is half there', await rows(HALF_ACCOUNTS)),
    none('no session or item is nobody’s', await rows(STRAYS)),
    none(
      'no session is behind what its client was told',
      await rows(
        `select from json_to_recordset($1) as told (session_id uuid, refreshes int)
         where not exists (select from sessions where id = session_id and counter >= refreshes)`,
        [JSON.stringify(all.map(({ session_id, refreshes }) => ({ session_id, refreshes })))],
      ),
    ),
    {
      what: 'sessions that had run out are swept away within an hour and a half',
      holds: past === 0 || (seconds < SWEPT_AFTER_SECONDS ? undefined : false),
      seen: `${past} of ${PAST_SESSIONS} left`,
    },
  ];
}

/** Every mail that is due has come, once the last jobs are done. */
export async function judgeMails(client: pg.Client, { told }: People, { mails }: SmtpSink): Promise<Check> {
  for (const deadline = performance.now() + MAILS_WITHIN_MS; performance.now() < deadline; await sleep(200)) {
    const waiting = await client.query(`select from jobs where kind = 'mail.send' and state = 'pending'`);
    if (waiting.rows.length === 0) break;
  }
  const come = new Map<string, number>();
  for (const address of mails.flatMap(({ recipients }) => recipients)) come.set(address, (come.get(address) ?? 0) + 1);
  const missing = [...told.mails_due].filter(([address, due]) => (come.get(address) ?? 0) < due);
  return {
    what: 'every mail that was asked for has come',
    holds: missing.length === 0,
    seen: `${mails.length} mails, ${missing.length} addresses miss one`,
  };
}

/** What the people and the log say for themselves. */
export function judgeAnswers({ told }: People, log: LogFindings): Check[] {
  const check = (what: string, counts: ReadonlyMap<string, number>): Check => ({
    what,
    holds: counts.size === 0,
    seen: counts.size === 0 ? 'none' : [...counts].map(([name, n]) => `${name} (${n})`).join(', '),
  });
  return [
    check('answers that nobody should have got', told.unexpected),
    check('warnings and errors in the log', log.warnings),
    check('secrets in the log', log.secrets),
  ];
}
