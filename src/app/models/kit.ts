import { factors } from './auth/factors.ts';
import { identities } from './auth/identities.ts';
import { knownDevices } from './auth/known-devices.ts';
import { loginFailures, rateLimits } from './auth/limits.ts';
import { mfaChallenges } from './auth/mfa-challenges.ts';
import { oauthFlows } from './auth/oauth-flows.ts';
import { oneTimeTokens } from './auth/one-time-tokens.ts';
import { passkeys, passkeysConstraints, usedChallenges } from './auth/passkeys.ts';
import { recoveryCodes } from './auth/recovery-codes.ts';
import { sessions } from './auth/sessions.ts';
import { users, usersConstraints } from './auth/users.ts';
import { auditChains, auditCuts } from './system/audit-chains.ts';
import { auditEvents } from './system/audit-events.ts';
import { fileRemovals, files, filesConstraints } from './system/files.ts';
import { jobs } from './system/jobs.ts';

/** The tables of the kit. */
export const kitModels = {
  users,
  sessions,
  rateLimits,
  loginFailures,
  knownDevices,
  oneTimeTokens,
  factors,
  recoveryCodes,
  mfaChallenges,
  identities,
  oauthFlows,
  passkeys,
  usedChallenges,
  auditEvents,
  auditChains,
  auditCuts,
  jobs,
  files,
  fileRemovals,
};

/** What the violation of a kit's constraint means to a client. */
export const kitConstraintCodes = { ...usersConstraints, ...passkeysConstraints, ...filesConstraints };
