import { createServer } from 'node:http';
import bcrypt from 'bcrypt';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { bearer, twoFactor } from 'better-auth/plugins';
import pg from 'pg';
import { required } from './accounts.ts';

/** better-auth as its guide sets it up, with the application's pool size and password hash; its rate limits are off, since they would refuse the load. */
const port = Number(required('PORT'));
const options = {
  baseURL: `http://127.0.0.1:${port}`,
  secret: required('SECRET_KEY'),
  database: new pg.Pool({ connectionString: required('DATABASE_URL'), max: 15 }),
  emailAndPassword: {
    enabled: true,
    password: {
      hash: (password: string) => bcrypt.hash(password, Number(process.env.BCRYPT_COST ?? 12)),
      verify: ({ hash, password }: { hash: string; password: string }) => bcrypt.compare(password, hash),
    },
  },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  plugins: [bearer(), twoFactor()],
};

await (await getMigrations(options)).runMigrations();
createServer(toNodeHandler(betterAuth(options))).listen(port, '127.0.0.1');
