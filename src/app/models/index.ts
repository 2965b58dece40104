import type { ErrorCodeName } from '../utils/error-codes.ts';
import { auditChains, auditCuts } from './audit-chains.ts';
import { auditEvents } from './audit-events.ts';
import { items } from './items.ts';
import { sessions } from './sessions.ts';
import { users, usersConstraints } from './users.ts';

/** Every table: what the migrations compare with the database. */
export const models = { users, sessions, items, auditEvents, auditChains, auditCuts };

/** What the violation of a named constraint means to a client. */
export const constraintCodes: Readonly<Record<string, ErrorCodeName>> = { ...usersConstraints };
