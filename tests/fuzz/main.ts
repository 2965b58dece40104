import { Command, InvalidArgumentError, Option } from 'commander';
import { type Arena, openArena } from './arena.ts';
import { createHealthWatch } from './health-watch.ts';
import { lookWhileHeld } from './held.ts';
import { formatAnswers, formatFailure } from './report.ts';
import { runFuzz } from './runner.ts';

interface Options {
  requests: number;
  seed: number;
  path?: string;
  connections: number;
  batch: number;
  deadline: number;
}

const program = new Command('npm run test:fuzz --')
  .description('Send the API valid, nearly valid and absurd requests over real sockets, and judge every answer')
  .addOption(count('--requests <number>', 'how many requests', 'FUZZ_REQUESTS').default(100_000))
  .addOption(count('--seed <number>', 'what is sent follows from it; printed at the start', 'FUZZ_SEED'))
  .addOption(new Option('--path <path>', 'with --seed: replay the one batch that a failure names').env('FUZZ_PATH'))
  .addOption(count('--connections <number>', 'connections at once', 'FUZZ_CONNECTIONS').default(12))
  .addOption(count('--batch <number>', 'most requests between two looks at the database', 'FUZZ_BATCH').default(80))
  .addOption(count('--deadline <seconds>', 'an answer that takes longer is a hang', 'FUZZ_DEADLINE').default(20));

const parsed = program.parse().opts<Partial<Options>>();
const options: Options = { seed: Math.floor(Math.random() * 2 ** 31), ...parsed } as Options;
const arena = await openArena();
try {
  process.exitCode = await fuzz(arena, options);
} finally {
  await arena.close();
}

async function fuzz({ subject, server }: Arena, { deadline, ...options }: Options): Promise<number> {
  print(`seed ${options.seed}, ${subject.operations.length} operations, ${options.connections} connections`);
  const watch = await createHealthWatch(server);
  const report = await runFuzz(subject, {
    ...options,
    deadline_ms: deadline * 1000,
    afterRound: async (requests) => {
      process.stderr.write(`\r${requests} of ${options.requests} requests`);
      return watch.look(requests);
    },
  });
  process.stderr.write('\n');
  print(formatAnswers(report));
  const held = report.failure === undefined ? await lookWhileHeld(subject.port, deadline * 1000) : [];
  const faults = report.failure === undefined ? [...held, ...(await watch.lookAtEnd())] : [];
  const seconds = report.elapsedMs / 1000;
  print(`${report.requests} requests in ${seconds.toFixed(1)} s: ${Math.round(report.requests / seconds)} a second`);
  print(watch.memory());
  if (report.failure !== undefined) print(formatFailure(report.failure, { ...subject, batch: options.batch }));
  for (const fault of faults)
    print(`FAILED\n  ${fault}\nReplay: npm run test:fuzz -- --batch ${options.batch} --seed ${options.seed}`);
  const failed = report.failure !== undefined || faults.length > 0;
  print(failed ? 'fuzz: failed' : 'fuzz: passed');
  return failed ? 1 : 0;
}

function count(flags: string, description: string, variable: string): Option {
  return new Option(flags, description).env(variable).argParser((text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('It must be a whole number.');
    return value;
  });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
