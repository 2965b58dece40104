import { send } from '../../api.ts';
import type { Page } from '../../parts/table.ts';
import { save } from '../../save.ts';
import type { User } from '../../types.ts';

const MOST_PAGES = 50;

/** Saves what the API tells of an account as a JSON file: for its owner who asks, or before it is deleted. */
export async function saveUser(user: User): Promise<void> {
  const methods = (name: string): Promise<object> =>
    send({ method: 'GET', path: `/console/users/${user.id}/${name}.json` });
  const [sessions, factors, login_methods, mails, audit_events] = await Promise.all([
    all(`/users/${user.id}/sessions`, {}),
    methods('factors'),
    methods('login-methods'),
    all('/mails', { to: user.email }),
    all('/audit-events', { subject_id: user.id }),
  ]);
  const text = JSON.stringify({ user, sessions, factors, ...login_methods, mails, audit_events }, undefined, 2);
  save(`${user.email}.json`, { type: 'application/json', text });
}

/** The rows of every page of a list, as far as 5,000. */
async function all(path: string, filter: Record<string, string>): Promise<unknown[]> {
  const rows: unknown[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const query = { ...filter, limit: '100', ...(cursor !== undefined && { cursor }) };
    const { items, next_cursor } = await send<Page<unknown>>({ method: 'GET', path, query });
    rows.push(...items);
    if (next_cursor === null) break;
    cursor = next_cursor;
  }
  return rows;
}
