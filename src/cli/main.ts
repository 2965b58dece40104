import { Command } from 'commander';

type Register = (program: Command) => void;

/** Every verb of the `back` command and the file that knows it, in the order of the help; only the one asked for is loaded. */
const VERBS: Record<string, () => Promise<Register>> = {
  dev: async () => (await import('./dev.ts')).registerDev,
  run: async () => (await import('./run.ts')).registerRun,
  test: async () => (await import('./test.ts')).registerTest,
  upgrade: async () => (await import('./upgrade.ts')).registerUpgrade,
  downgrade: async () => (await import('./downgrade.ts')).registerDowngrade,
  current: async () => (await import('./current.ts')).registerCurrent,
  history: async () => (await import('./history.ts')).registerHistory,
  revision: async () => (await import('./revision.ts')).registerRevision,
  stamp: async () => (await import('./stamp.ts')).registerStamp,
  'create-admin': async () => (await import('./create-admin.ts')).registerCreateAdmin,
  audit: async () => (await import('./audit.ts')).registerAudit,
  env: async () => (await import('./env.ts')).registerEnv,
  openapi: async () => (await import('./openapi.ts')).registerOpenapi,
  'settings-docs': async () => (await import('./settings-docs.ts')).registerSettingsDocs,
};

/** Errors whose message is a sentence for the person at the terminal; of any other the stack is what helps. */
const SENTENCES = new Set(['ConfigError', 'MigrationError', 'DevDatabaseError', 'AppError', 'CommandError']);

const program = new Command('back')
  .description('Back API: serve it, migrate its database, manage its users')
  .showHelpAfterError();

// Whoever started us is gone: stop as for a signal, so that nothing is left behind.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));

const asked = VERBS[process.argv[2] ?? ''];
for (const load of asked === undefined ? Object.values(VERBS) : [asked]) (await load())(program);

try {
  await program.parseAsync();
} catch (error) {
  console.error(sentence(error));
  process.exit(1);
}

function sentence(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (SENTENCES.has(error.name)) return error.message;
  const code = 'code' in error ? error.code : undefined;
  const { port, address } = error as { port?: number; address?: string };
  if (code === 'EADDRINUSE') return `Port ${port} is taken: stop what listens there, or set PORT to another one`;
  if (code === 'EACCES' && port !== undefined) return `Port ${port} needs privileges: set PORT to 1024 or more`;
  if (code === 'ECONNREFUSED')
    return `Nothing answers at ${address ?? 'the database'}:${port}: start PostgreSQL there, or set DATABASE_URL`;
  if (code === '28P01') return 'The database refuses the user or the password in DATABASE_URL';
  return error;
}
