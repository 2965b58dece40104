import type { FastifyInstance } from 'fastify';
import { auditEventRoutes } from './admin/audit-events.ts';
import { invitationRoutes } from './admin/invitations.ts';
import { mailRoutes } from './admin/mails.ts';
import { userFactorRoutes } from './admin/user-factors.ts';
import { userLockRoutes } from './admin/user-lock.ts';
import { userSessionRoutes } from './admin/user-sessions.ts';
import { userRoutes } from './admin/users.ts';
import { accountRoutes } from './auth/account.ts';
import { emailChangeRoutes } from './auth/email-change.ts';
import { emailVerificationRoutes } from './auth/email-verification.ts';
import { factorRoutes } from './auth/factors.ts';
import { identityRoutes } from './auth/identities.ts';
import { invitationAcceptanceRoutes } from './auth/invitations.ts';
import { loginRoutes } from './auth/login.ts';
import { loginCodeRoutes } from './auth/login-codes.ts';
import { mfaRoutes } from './auth/mfa.ts';
import { passkeyRoutes } from './auth/passkeys.ts';
import { passwordResetRoutes } from './auth/password-reset.ts';
import { reauthenticationRoutes } from './auth/reauthentication.ts';
import { recoveryCodeRoutes } from './auth/recovery-codes.ts';
import { refreshRoutes } from './auth/refresh.ts';
import { registrationRoutes } from './auth/registration.ts';
import { secureAccountRoutes } from './auth/secure-account.ts';
import { sessionRoutes } from './auth/sessions.ts';
import { socialLoginRoutes } from './auth/social-login.ts';
import { devMailRoutes } from './system/dev-mails.ts';
import { fileContentRoutes } from './system/file-contents.ts';
import { fileRoutes } from './system/files.ts';
import { healthRoutes } from './system/health.ts';
import { jwksRoutes } from './system/jwks.ts';
import { passkeyEndpointRoutes } from './system/passkey-endpoints.ts';

/** The routes of the kit, one line for each flow. */
export async function kitRoutes(app: FastifyInstance): Promise<void> {
  app.register(registrationRoutes, { prefix: '/auth/register' });
  app.register(loginRoutes, { prefix: '/auth' });
  app.register(refreshRoutes, { prefix: '/auth/refresh' });
  app.register(accountRoutes, { prefix: '/auth/me' });
  app.register(sessionRoutes, { prefix: '/auth' });
  app.register(mfaRoutes, { prefix: '/auth/mfa' });
  app.register(factorRoutes, { prefix: '/auth/me/factors' });
  app.register(recoveryCodeRoutes, { prefix: '/auth/me/recovery-codes' });
  app.register(reauthenticationRoutes, { prefix: '/auth/me/reauthenticate' });
  app.register(socialLoginRoutes, { prefix: '/auth/oauth' });
  app.register(identityRoutes, { prefix: '/auth/me/identities' });
  app.register(passkeyRoutes, { prefix: '/auth' });
  app.register(passwordResetRoutes, { prefix: '/auth' });
  app.register(emailVerificationRoutes, { prefix: '/auth' });
  app.register(emailChangeRoutes, { prefix: '/auth' });
  app.register(loginCodeRoutes, { prefix: '/auth/login-codes' });
  app.register(invitationAcceptanceRoutes, { prefix: '/auth/accept-invitation' });
  app.register(secureAccountRoutes, { prefix: '/auth/secure-account' });

  app.register(invitationRoutes, { prefix: '/users/invitations' });
  app.register(userRoutes, { prefix: '/users' });
  app.register(userLockRoutes, { prefix: '/users/:id/lock' });
  app.register(userFactorRoutes, { prefix: '/users/:id/factors' });
  app.register(userSessionRoutes, { prefix: '/users/:id/sessions' });
  app.register(mailRoutes, { prefix: '/mails' });
  app.register(auditEventRoutes, { prefix: '/audit-events' });

  app.register(healthRoutes, { prefix: '/health' });
  app.register(jwksRoutes, { prefix: '/.well-known' });
  app.register(passkeyEndpointRoutes, { prefix: '/.well-known' });
  app.register(uploadRoutes, { prefix: '/files' });
  if (app.ctx.mailer.inbox !== undefined) app.register(devMailRoutes, { prefix: '/dev' });
}

/** None without a purpose; without a storage the log says so. */
async function uploadRoutes(app: FastifyInstance): Promise<void> {
  const { storage, filePurposes, log } = app.ctx;
  if (Object.keys(filePurposes).length === 0) return;
  if (storage === undefined) {
    log.warn({ event: 'storage.not_configured' }, 'no storage is set, so the routes of /files do not exist');
    return;
  }
  app.register(fileRoutes);
  if (storage.folder) app.register(fileContentRoutes, { prefix: '/contents' });
}
