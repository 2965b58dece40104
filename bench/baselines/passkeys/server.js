import { createServer } from 'node:http';
import { passkey } from '@better-auth/passkey';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import pg from 'pg';

/**
 * better-auth with passkeys as its guide sets them up, with the application's pool size and relying party; its rate limits are
 * off, since they would refuse the load. The plugin stands beside the better-auth of its own number alone, so this folder is
 * installed for itself.
 */
const { PORT, SECRET_KEY, DATABASE_URL, WEBAUTHN_RP_ID, WEBAUTHN_ORIGINS } = process.env;
const options = {
  baseURL: `http://127.0.0.1:${PORT}`,
  secret: SECRET_KEY,
  database: new pg.Pool({ connectionString: DATABASE_URL, max: 15 }),
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  plugins: [passkey({ rpID: WEBAUTHN_RP_ID, rpName: 'Bench', origin: WEBAUTHN_ORIGINS })],
};

await (await getMigrations(options)).runMigrations();
createServer(toNodeHandler(betterAuth(options))).listen(Number(PORT), '127.0.0.1');
