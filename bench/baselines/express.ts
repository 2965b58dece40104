import bcrypt from 'bcrypt';
import { and, desc, eq, gt, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import express, { type NextFunction, type Request, type Response } from 'express';
import jwt from 'jsonwebtoken';
import pg from 'pg';
import { sessions } from '../../src/app/models/auth/sessions.ts';
import { publicUserColumns, users } from '../../src/app/models/auth/users.ts';
import { newId } from '../../src/app/utils/ids.ts';
import { notes } from '../../tests/helpers/test-product/notes.ts';
import { required, type TokenClaims, tokenPair } from './accounts.ts';

/** Express and Drizzle as their own guides show them: a middleware that verifies and looks up, a query per step. No log, no security headers. */
const db = drizzle({ client: new pg.Pool({ connectionString: required('DATABASE_URL'), max: 15 }) });
const secret = required('SECRET_KEY');
const verification: jwt.VerifyOptions = { algorithms: ['HS256'], issuer: 'back-api', audience: 'back-api' };

const app = express();
app.use(express.json());

app.get('/health', async (_request, response) => {
  await db.execute(sql`select 1`);
  response.json({ status: 'healthy', database: 'connected', api: 'ok' });
});

app.get('/auth/me', requireUser, (_request, response) => {
  response.json(response.locals.user);
});

app.get('/kit-notes', requireUser, async (_request, response) => {
  const rows = await db
    .select()
    .from(notes)
    .where(eq(notes.owner_id, response.locals.user.id))
    .orderBy(desc(notes.id))
    .limit(21);
  response.json({ items: rows.slice(0, 20), next_cursor: rows[20]?.id ?? null });
});

app.post('/auth/refresh', async (request, response) => {
  const { sub, sid, ctr } = verify(request.body.refresh_token);
  const [session] = await db.select().from(sessions).where(eq(sessions.id, sid));
  const [user] = await db.select().from(users).where(eq(users.id, sub));
  if (!session || session.counter !== ctr || session.expires_at < new Date() || !user?.is_active) {
    response.status(401).json({ detail: 'session ended' });
    return;
  }
  await db
    .update(sessions)
    .set({ counter: ctr + 1, refreshed_at: new Date() })
    .where(and(eq(sessions.id, sid), eq(sessions.counter, ctr)));
  response.json(tokenPair({ sub, sid, role: user.role, ctr: ctr + 1 }));
});

app.post('/auth/login', async (request, response) => {
  const [user] = await db.select().from(users).where(eq(users.email, request.body.email));
  if (!user || !(await bcrypt.compare(request.body.password, user.password_hash ?? ''))) {
    response.status(401).json({ detail: 'invalid credentials' });
    return;
  }
  const sid = newId();
  await db.insert(sessions).values({ id: sid, user_id: user.id, expires_at: new Date(Date.now() + 30 * 86_400_000) });
  response.json(tokenPair({ sub: user.id, sid, role: user.role, ctr: 0 }));
});

app.listen(Number(required('PORT')), '127.0.0.1');

async function requireUser(request: Request, response: Response, next: NextFunction): Promise<void> {
  const { sid } = verify(request.headers.authorization?.replace('Bearer ', '') ?? '');
  const [user] = await db
    .select(publicUserColumns)
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.user_id))
    .where(and(eq(sessions.id, sid), gt(sessions.expires_at, new Date())));
  if (!user?.is_active) {
    response.status(401).json({ detail: 'session ended' });
    return;
  }
  response.locals.user = user;
  next();
}

function verify(token: string): TokenClaims {
  // The library's type leaves the payload open; the harness sends only tokens that the application made.
  return jwt.verify(token, secret, verification) as unknown as TokenClaims;
}
