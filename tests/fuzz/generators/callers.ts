import fc, { type Arbitrary } from 'fast-check';
import { type Header, STRANGE_AUTHORIZATIONS } from '../corpora/headers.ts';
import type { Operation } from '../document.ts';

/** Who asks, and what the answer may at most give. */
export interface Caller {
  name: string;
  rights: 'none' | 'user' | 'admin';
  headers: readonly Header[];
}

const ANONYMOUS: Caller = { name: 'anonymous', rights: 'none', headers: [] };
/** Good tokens that stand for nobody any more, or were never meant for this. */
const DEAD_TOKENS = ['ended', 'expired', 'disabled', 'mismatched', 'refresh_user'];

/** What ends the caller's own session is done by others, or the rest of a batch would be refused. */
const LEAVING = /^(POST \/auth\/(logout|me\/password)|DELETE \/auth\/(me|sessions)\b)/;

/** Callers for an operation: often the least that may call it, as often somebody who may not. */
export function callerFor({ access, name }: Operation, forged: readonly string[]): Arbitrary<Caller> {
  const isLeaving = LEAVING.test(name);
  const user = bearer(isLeaving ? 'leaver' : 'user', 'user');
  const admin = bearer(isLeaving ? 'leaving_admin' : 'admin', 'admin');
  const rightful = { public: [ANONYMOUS, user], user: [user, user, admin], admin: [admin] }[access];
  return fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom(...rightful) },
    { weight: 2, arbitrary: fc.constantFrom(ANONYMOUS, user, admin) },
    { weight: 2, arbitrary: fc.constantFrom(...DEAD_TOKENS).map((token) => bearer(token, 'none')) },
    { weight: 2, arbitrary: fc.constantFrom(...forged).map((token) => bearer(token, 'none')) },
    { weight: 1, arbitrary: fc.constantFrom(...STRANGE_AUTHORIZATIONS).map(strange) },
  );
}

function bearer(token: string, rights: Caller['rights']): Caller {
  return { name: token, rights, headers: [['Authorization', `Bearer {{${token}}}`]] };
}

function strange(headers: readonly Header[]): Caller {
  return { name: `strange: ${headers.map(([, value]) => value.slice(0, 60)).join(' + ')}`, rights: 'none', headers };
}
