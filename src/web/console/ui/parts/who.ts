import { signal } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { send } from '../api.ts';
import { el } from '../el.ts';
import { hrefOf } from '../place.ts';
import type { User } from '../types.ts';
import { breaking, short } from './words.ts';

/** The addresses that are known of ids; null: the account is gone, or could not be read. */
const addresses = signal<Readonly<Record<string, string | null>>>({});
const asked = new Set<string>();

/** An account by its address, which is asked for once. */
export function Who({ id }: { id: string }): VNode {
  useEffect(() => learn(id), [id]);
  const address = addresses.value[id];
  return el.a({ href: hrefOf(`/users/${id}`), title: id }, address ? breaking(address) : short(id));
}

function learn(id: string): void {
  if (asked.has(id)) return;
  asked.add(id);
  send<User>({ method: 'GET', path: `/users/${id}` }).then(
    ({ email }) => keep(id, email),
    () => keep(id, null),
  );
}

function keep(id: string, address: string | null): void {
  addresses.value = { ...addresses.value, [id]: address };
}
