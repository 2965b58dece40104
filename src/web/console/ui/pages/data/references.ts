import { send } from '../../api.ts';
import type { Finder } from '../../parts/picker.ts';
import type { Page } from '../../parts/table.ts';
import { labelOf, nameOf, type Resource, type Row, resources, wordOf } from '../../resources.ts';
import type { User } from '../../types.ts';

/** What a column such as `owner_id` names: a table of the product, or a user. */
export function targetOf(name: string): Resource | 'user' | undefined {
  if (!name.endsWith('_id')) return undefined;
  const thing = name.slice(0, -'_id'.length);
  const plurals = [`${thing}s`, `${thing}es`, thing.replace(/y$/, 'ies')];
  const found = resources.value?.find((resource) => plurals.includes(nameOf(resource)));
  if (found?.can_read) return found;
  return /^(owner|user|author|creator|member|assignee)$/.test(thing) ? 'user' : undefined;
}

/** Finds what the column may name; `undefined` if it is no reference that the console knows. */
export function finderOf(name: string): Finder | undefined {
  const target = targetOf(name);
  if (target === undefined) return undefined;
  return target === 'user' ? USERS : rowsOf(target);
}

export const USERS: Finder = {
  hint: 'Find by address or name',
  find: async (text) => {
    const { items } = await send<Page<User>>({ method: 'GET', path: '/users', query: { q: text, limit: '6' } });
    return items.map(({ id, email, name }) => ({ id, label: name === null ? email : `${email} (${name})` }));
  },
  labelOf: async (id) => (await send<User>({ method: 'GET', path: `/users/${id}` })).email,
};

/** By the table's own search if its list has one, otherwise among its newest rows. */
function rowsOf(resource: Resource): Finder {
  const label = labelOf(resource);
  const search = resource.filters.find(({ name }) => name === 'q' || name === label)?.name;
  const named = (row: Row): string => String(row[label] ?? row.id);
  return {
    hint: `Find by ${wordOf(label).toLowerCase()}`,
    find: async (text) => {
      const query = { limit: search === undefined ? '100' : '6', ...(search && { [search]: text }) };
      const { items } = await send<Page<Row>>({ method: 'GET', path: resource.path, query });
      const isMeant = (row: Row): boolean => named(row).toLowerCase().includes(text.toLowerCase());
      const rows = search === undefined ? items.filter(isMeant).slice(0, 6) : items;
      return rows.map((row) => ({ id: row.id, label: named(row) }));
    },
    labelOf: async (id) => named(await send<Row>({ method: 'GET', path: `${resource.path}/${id}` })),
  };
}
