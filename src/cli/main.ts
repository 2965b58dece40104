import { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { product } from '../app/product.ts';
import { migrationVerbs } from './migrations.ts';
import { productVerbs } from './product.ts';
import { cacheResolutions } from './resolution-cache.ts';
import { sentenceOf } from './ui/errors.ts';

type Register = (program: Command) => void;

// A verb's modules are imported by the hundred.
cacheResolutions();

/** Every verb of the `back` command and the file that knows it, in the order of the help; only the one asked for is loaded. */
const VERBS: Record<string, () => Promise<Register>> = {
  dev: async () => (await import('./dev.ts')).registerDev,
  run: async () => (await import('./run.ts')).registerRun,
  work: async () => (await import('./work.ts')).registerWork,
  test: async () => (await import('./test.ts')).registerTest,
  ...migrationVerbs,
  'create-admin': async () => (await import('./users/create-admin.ts')).registerCreateAdmin,
  users: async () => (await import('./users.ts')).registerUsers,
  jobs: async () => (await import('./jobs.ts')).registerJobs,
  keys: async () => (await import('./keys.ts')).registerKeys,
  audit: async () => (await import('./audit.ts')).registerAudit,
  mail: async () => (await import('./mail.ts')).registerMail,
  doctor: async () => (await import('./doctor.ts')).registerDoctor,
  seed: async () => (await import('./seed.ts')).registerSeed,
  rename: async () => (await import('./rename.ts')).registerRename,
  env: async () => (await import('./env.ts')).registerEnv,
  openapi: async () => (await import('./generate/openapi.ts')).registerOpenapi,
  destroy: async () => (await import('./generate/resource.ts')).registerDestroy,
  generate: async () => (await import('./generate.ts')).registerGenerate,
  ...productVerbs,
};

const program = new Command('back')
  .description(`${product.name}: serve it, migrate its database, manage its users`)
  .version(packageJson.version, '--version', 'print the version')
  .showHelpAfterError();

// The parent process is gone: stop as for a signal, so that no child outlives it.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
// A listener makes the channel hold the process; a finished command must end.
process.channel?.unref();

// The reader of the output closed it early: `back openapi | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const asked = VERBS[process.argv[2] ?? ''];
for (const load of asked === undefined ? Object.values(VERBS) : [asked]) (await load())(program);

try {
  await program.parseAsync();
} catch (error) {
  console.error(sentenceOf(error));
  process.exit(1);
}
