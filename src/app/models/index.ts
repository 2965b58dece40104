import type { ErrorCodeName } from '../utils/error-codes.ts';
import { knownDevices } from './auth/known-devices.ts';
import { loginFailures, rateLimits } from './auth/limits.ts';
import { sessions } from './auth/sessions.ts';
import { users, usersConstraints } from './auth/users.ts';
import { items, itemsConstraints } from './items.ts';
import { auditChains, auditCuts } from './system/audit-chains.ts';
import { auditEvents } from './system/audit-events.ts';

/** Every table: what the migrations compare with the database. */
export const models = {
  users,
  sessions,
  items,
  rateLimits,
  loginFailures,
  knownDevices,
  auditEvents,
  auditChains,
  auditCuts,
};

/** What the violation of a named constraint means to a client. */
export const constraintCodes: Readonly<Record<string, ErrorCodeName>> = { ...usersConstraints, ...itemsConstraints };

/** What a table's declaration cannot say (a trigger, a function, a covering index): the SQL that makes it and that takes it away. */
export const objects: Readonly<Record<string, { create: string; drop: string }>> = {};
