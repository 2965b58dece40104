import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type pg from 'pg';
import { createDatabase } from 'pg-devdb';
import { startThrowAwayPostgres } from 'pg-devdb/throw-away';
import { type SmtpSink, startSmtp } from '../tests/helpers/smtp.ts';
import { connect, databaseUrl, migrate } from './fixtures.ts';
import { number } from './options.ts';
import { applicationCommand, type Server, startServer } from './servers.ts';
import { judgeAnswers, judgeMails, judgeRows, leavePastSessions } from './soak/checks.ts';
import { gather, type People } from './soak/people.ts';
import { formatChecks, formatParts, formatTables, judgeSamples } from './soak/report.ts';
import { openWatch, type Sample, type Watch } from './soak/samples.ts';

/** `npm run bench:soak`: whether hours of ordinary work leave anything behind. */
interface Options {
  minutes: number;
  rate: number;
  every: number;
  json?: true;
}

const options = new Command('npm run bench:soak --')
  .description('Use the application as people do, for long, and look whether anything grows that should not')
  .option('--minutes <number>', 'how long', number, 60)
  .option('--rate <number>', 'requests a second', number, 150)
  .option('--every <seconds>', 'how often everything is looked at', number, 10)
  .option('--json', 'print every sample instead of the tables')
  .parse()
  .opts<Options>();

const closers: (() => Promise<void>)[] = [];
const samples: Sample[] = [];
/** A Ctrl-C ends the run early; what was seen so far is judged all the same. A second one ends it at once. */
const cut = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (cut.signal.aborted) void close().finally(() => process.exit(130));
    cut.abort();
  });

try {
  await run();
} finally {
  await close();
}

async function run(): Promise<void> {
  const { client, server, smtp } = await open();
  progress('Registering the people');
  const people = await gather(server.url, options.rate);
  await leavePastSessions(client);
  const watch = openWatch({ server, client, people });
  people.start();
  const failure: unknown = await observe(watch, people).catch((error: unknown) => error);
  progress('Waiting for the last answers');
  await people.stop();
  if (samples.length === 0) return;
  const seconds = samples.at(-1)?.at_seconds ?? 0;
  const checks = [
    { what: 'it could be looked at until the end', holds: failure === undefined, seen: String(failure ?? 'yes') },
    ...judgeSamples(samples),
    ...(await judgeRows(client, people, seconds)),
    await judgeMails(client, people, smtp),
    ...judgeAnswers(people, watch.log),
  ];
  if (options.json)
    print(JSON.stringify({ samples, checks }, (_, value) => (value instanceof Map ? [...value] : value)));
  else print([formatParts(samples), formatTables(samples), formatChecks(checks)].join('\n\n'));
  progress(`${people.told.answers} answers, ${people.told.late} requests not sent since everybody was busy`);
  if (cut.signal.aborted || checks.some(({ holds }) => holds === false)) process.exitCode = 1;
}

/** PostgreSQL as it comes, but for the flushing, and the application as `npm start` has it. */
async function open(): Promise<{ client: pg.Client; server: Server; smtp: SmtpSink }> {
  const postgres = await startThrowAwayPostgres({ onProgress: progress });
  closers.push(() => postgres.stop());
  const smtp = await startSmtp();
  closers.push(smtp.close);
  const env = {
    SECRET_KEY: randomBytes(48).toString('base64url'),
    DATABASE_URL: databaseUrl(postgres.url, 'soak'),
    // We are the proxy, so that everybody comes from an address of their own. Hashes are as quick as they may be.
    TRUSTED_PROXIES: '127.0.0.1',
    BCRYPT_COST: '10',
    SMTP_URL: smtp.url,
    MAIL_FROM: 'Soak <soak@example.com>',
    PUBLIC_URL: 'https://soak.example.com',
  };
  await createDatabase(env.DATABASE_URL);
  await migrate(env.DATABASE_URL);
  const client = await connect(env.DATABASE_URL);
  // It goes before the server does.
  client.on('error', () => {});
  closers.push(() => client.end());
  progress('Starting the application');
  const command = applicationCommand();
  const server = await startServer({ name: 'back', env, command, ready_path: '/health/ready' });
  closers.push(server.stop);
  return { client, server, smtp };
}

async function observe(watch: Watch, { told }: People): Promise<void> {
  const until = performance.now() + options.minutes * 60_000;
  for (let look = 1; performance.now() < until && !cut.signal.aborted; look++) {
    await sleep(options.every * 1000, undefined, { signal: cut.signal }).catch(() => {});
    const sample = await watch.sample();
    samples.push(sample);
    const { at_seconds, rss_mb, descriptors, p99_ms } = sample;
    if (look % Math.ceil(60 / options.every) === 0)
      progress(
        `${Math.round(at_seconds / 60)} of ${options.minutes} min: ${rss_mb.toFixed(0)} MB, ${descriptors} files, p99 ${p99_ms.toFixed(1)} ms, ${told.unexpected.size} kinds of wrong answers`,
      );
  }
}

async function close(): Promise<void> {
  for (const stop of closers.splice(0).reverse()) await stop();
}

function progress(step: string): void {
  process.stderr.write(`${step}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
