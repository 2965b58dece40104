import { expect, it } from 'vitest';
import { SECRET_KEY } from '../helpers/api.ts';
import { back } from '../helpers/back.ts';

it('back env says where everything leads, and masks what is secret', async () => {
  const env = {
    DATABASE_URL: 'postgresql://app:swordfish@db.example:6543/app?sslpassword=tuna',
    REDIS_URL: 'rediss://:herring@cache.example:6379',
    SMTP_URL: 'smtp://app:anchovy@mail.example:587',
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=mackerel',
  };
  const { code, stdout } = await back(['env'], { env });
  expect(code).toBe(0);
  expect(stdout).toContain('DATABASE_URL=postgresql://app:[secret]@db.example:6543/app?sslpassword=[secret]\n');
  expect(stdout).toContain('REDIS_URL=rediss://:[secret]@cache.example:6379\n');
  expect(stdout).toContain('SMTP_URL=smtp://app:[secret]@mail.example:587\n');
  expect(stdout).toContain('SECRET_KEY=[secret]\n');
  expect(stdout).toContain('OTEL_EXPORTER_OTLP_HEADERS=[secret]\n');
  expect(stdout).toContain('PREVIOUS_SECRET_KEYS=  # default\n');
  expect(stdout).toMatch(/^# memory: [\d,]+ MiB$/m);
  expect(stdout).toMatch(/^# database connections: 15$/m);
  expect(stdout).not.toMatch(/swordfish|tuna|herring|mackerel|anchovy|undefined/);
  const { stdout: json } = await back(['env', '--json'], { env: { ...env, SECRET_KEY: `scheme:${SECRET_KEY}` } });
  expect(JSON.parse(json)).toMatchObject({ SECRET_KEY: '[secret]', PORT: '8000', PREVIOUS_SECRET_KEYS: '' });
});
