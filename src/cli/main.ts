import { Command } from 'commander';
import { sentenceOf } from './errors.ts';

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
  heads: async () => (await import('./heads.ts')).registerHeads,
  branches: async () => (await import('./branches.ts')).registerBranches,
  show: async () => (await import('./show.ts')).registerShow,
  merge: async () => (await import('./merge.ts')).registerMerge,
  stamp: async () => (await import('./stamp.ts')).registerStamp,
  lint: async () => (await import('./lint.ts')).registerLint,
  check: async () => (await import('./check.ts')).registerCheck,
  edit: async () => (await import('./edit.ts')).registerEdit,
  'ensure-version': async () => (await import('./ensure-version.ts')).registerEnsureVersion,
  'create-admin': async () => (await import('./create-admin.ts')).registerCreateAdmin,
  users: async () => (await import('./users.ts')).registerUsers,
  keys: async () => (await import('./keys.ts')).registerKeys,
  audit: async () => (await import('./audit.ts')).registerAudit,
  doctor: async () => (await import('./doctor.ts')).registerDoctor,
  env: async () => (await import('./env.ts')).registerEnv,
  openapi: async () => (await import('./openapi.ts')).registerOpenapi,
  generate: async () => (await import('./generate.ts')).registerGenerate,
};

const program = new Command('back')
  .description('Back API: serve it, migrate its database, manage its users')
  .showHelpAfterError();

// Whoever started us is gone: stop as for a signal, so that nothing is left behind.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
// A listener makes the channel hold the process; a command that is done shall end.
process.channel?.unref();

// Whoever reads our output has seen enough: `back openapi | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const asked = VERBS[process.argv[2] ?? ''];
for (const load of asked === undefined ? Object.values(VERBS) : [asked]) (await load())(program);

try {
  await program.parseAsync();
} catch (error) {
  console.error(sentenceOf(error));
  process.exit(1);
}
