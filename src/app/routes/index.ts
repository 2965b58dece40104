import type { FastifyInstance } from 'fastify';
import { auditEventRoutes } from './admin/audit-events.ts';
import { userSessionRoutes } from './admin/user-sessions.ts';
import { userRoutes } from './admin/users.ts';
import { meRoutes } from './auth/account.ts';
import { loginRoutes } from './auth/login.ts';
import { refreshRoutes } from './auth/refresh.ts';
import { registerRoutes } from './auth/registration.ts';
import { sessionRoutes } from './auth/sessions.ts';
import { itemRoutes } from './items.ts';
import { healthRoutes } from './system/health.ts';
import { keyRoutes } from './system/jwks.ts';

/** The map of the API: one line per resource. Yours go first. */
export async function routes(app: FastifyInstance): Promise<void> {
  app.register(itemRoutes, { prefix: '/items' });

  app.register(registerRoutes, { prefix: '/auth/register' });
  app.register(loginRoutes, { prefix: '/auth' });
  app.register(refreshRoutes, { prefix: '/auth' });
  app.register(meRoutes, { prefix: '/auth/me' });
  app.register(sessionRoutes, { prefix: '/auth/sessions' });

  app.register(userRoutes, { prefix: '/users' });
  app.register(userSessionRoutes, { prefix: '/users/:id/sessions' });
  app.register(auditEventRoutes, { prefix: '/audit-events' });

  app.register(healthRoutes, { prefix: '/health' });
  app.register(keyRoutes, { prefix: '/.well-known' });
}
