import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { buildApp } from '../../src/app/app.ts';
import { loadConfig } from '../../src/app/config.ts';
import { newId } from '../../src/app/utils/ids.ts';
import {
  DEAD_MAIL_SQL,
  OPERATIONS,
  type Operation,
  type Subjects,
  titleOf,
} from '../../tests/helpers/asking-operations.ts';
import { explain, type Query, type Statement, statementsOf } from '../../tests/helpers/plans.ts';
import { notesOnly } from '../../tests/helpers/test-product/routes.ts';
import { PASSWORD } from '../fixtures.ts';
import type { Filled, Picked } from './cluster.ts';

const DIRECTORY = join(import.meta.dirname, '../plans');

/** Writes the plan of every statement of every operation, a file for each part of the API; gives the files' names. */
export async function writePlans(filled: Filled): Promise<string[]> {
  const app = await buildApp(loadConfig({ ...filled.env, LOG_LEVEL: 'silent' }), { routes: notesOnly });
  const files = new Map<string, string[]>();
  const seen = new Set<string>();
  const query: Query = async (text) => (await filled.client.query(text)).rows;
  const empty = await emptyPartitions(query);
  try {
    await app.ready();
    for (const [number, operation] of OPERATIONS.entries()) {
      const name = `${operation.name.split('/')[1]}.txt`;
      const statements = await sentBy(app, operation, { filled, number });
      const plans: string[] = [];
      for (const statement of statements) plans.push(await planOf(query, statement, { seen, empty }));
      files.set(name, [...(files.get(name) ?? []), [`## ${titleOf(operation)}`, ...plans].join('\n\n')]);
    }
  } finally {
    await app.close();
  }
  for (const [name, sections] of files) writeFileSync(join(DIRECTORY, name), `${sections.join('\n\n')}\n`);
  return [...files.keys()].map((name) => join(DIRECTORY, name));
}

/** The months to come, and what takes the rest: the plan of a table without rows says nothing. */
async function emptyPartitions(query: Query): Promise<Set<string>> {
  const rows = await query<{ name: string }>(
    `select relname as name from pg_class where relname like 'audit_events_%' and relkind = 'r' and reltuples <= 0`,
  );
  return new Set(rows.map(({ name }) => name));
}

/** The statements of one request, sent by a user whom no other operation has touched. */
async function sentBy(
  app: FastifyInstance,
  operation: Operation,
  { filled, number }: { filled: Filled; number: number },
): Promise<Statement[]> {
  const { owners, users, admin, tokens } = filled;
  const [user, other] = [owners[number], users[number]];
  if (user === undefined || other === undefined) throw new Error('Too few users were picked');
  const subjects = await subjectsOf(filled, { user, other });
  const as = operation.as === 'admin' ? admin : user;
  const headers = operation.as === 'public' ? {} : { authorization: `Bearer ${tokens.signAccess(as)}` };
  const request = operation.request(subjects);
  const statements = await statementsOf(async () => {
    const { statusCode, body } = await app.inject({ ...request, headers: { ...request.headers, ...headers } });
    if (operation.status === undefined ? statusCode >= 300 : statusCode !== operation.status)
      throw new Error(`${titleOf(operation)}: ${statusCode} ${body}`);
  });
  // Else it would come a second later, among the next one's.
  await app.ctx.sessionActivity.flush();
  return statements;
}

async function subjectsOf(
  { client, tokens }: Filled,
  { user, other }: { user: Picked; other: Picked },
): Promise<Subjects> {
  const { rows } = await client.query<{ id: string }>('select id from kit_notes where owner_id = $1 limit 1', [
    user.user_id,
  ]);
  const { refreshed_at: issued_at, expires_at, ...claims } = user;
  const mail_id = newId();
  await client.query(DEAD_MAIL_SQL, [mail_id]);
  return {
    user: {
      ...user,
      id: user.user_id,
      refresh_token: tokens.signRefresh({ ...claims, issued_at, expires_at }),
      item_id: rows[0]?.id ?? '',
    },
    other: { ...other, id: other.user_id },
    mail_id,
    password: PASSWORD,
    new_email: `${randomBytes(8).toString('hex')}@example.com`,
  };
}

/** A statement with its plan; one whose plan is in the files already only with its beginning. */
async function planOf(
  query: Query,
  statement: Statement,
  { seen, empty }: { seen: Set<string>; empty: ReadonlySet<string> },
): Promise<string> {
  const rows = await explain<{ 'QUERY PLAN': string }>(query, statement, 'costs off');
  const text = statement.text.replace(/\s+/g, ' ').trim();
  const plan = withoutValues(
    rows.map((row) => row['QUERY PLAN']),
    empty,
  );
  const key = [text, ...plan].join('\n');
  if (seen.has(key)) return `${text.slice(0, 100)} … (as above)`;
  seen.add(key);
  return `${text}\n${plan.map((line) => `    ${line}`).join('\n')}`;
}

/** The same at every run: no ids, times and addresses, and one of the filled partitions for all of them. */
function withoutValues(lines: readonly string[], empty: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  const known = new Set<string>();
  let hidden_from = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    const depth = line.search(/\S/);
    if (depth > hidden_from) continue;
    hidden_from = Number.POSITIVE_INFINITY;
    const partition = /\bon (audit_events_\w+)/.exec(line)?.[1] ?? '';
    const plain = withoutNames(line);
    if (empty.has(partition) || (partition !== '' && known.has(plain))) {
      hidden_from = depth;
      continue;
    }
    kept.push(plain);
    known.add(plain);
  }
  return kept;
}

function withoutNames(line: string): string {
  return line
    .replace(/'[^']*\d[^']*'/g, "'…'")
    .replace(/ on (audit_events)_\w+ audit_events_\d+/, ' on $1_<each month>')
    .replace(/(audit_events)_(\d{4}_\d\d|default)/g, '$1_<each month>');
}
