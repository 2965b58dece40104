import { type Command, Option } from 'commander';
import { loadConfig, readEnvironment } from '../app/config.ts';
import type { RequestContext } from '../app/context.ts';
import { JOB_STATES, type JobRow, type JobState } from '../app/models/system/jobs.ts';
import * as records from '../app/services/system/job-records.ts';
import { isId } from '../app/utils/ids.ts';
import { inAppContext } from './context.ts';
import { CommandError } from './ui/errors.ts';
import { table } from './ui/table.ts';

interface ListOptions {
  state?: JobState;
  kind?: string;
  limit: string;
  json?: boolean;
}

const HEADINGS = ['ID', 'KIND', 'STATE', 'ATTEMPTS', 'RUN AT', 'LAST ERROR'];

/** `back jobs …`: the background work, for the operator at the terminal. */
export function registerJobs(program: Command): void {
  const group = program.command('jobs').description('list, show, retry and purge jobs');
  registerList(group);
  registerShow(group);
  registerRetry(group);
  registerPurge(group);
}

function registerList(group: Command): void {
  group
    .command('list')
    .description('list jobs, newest first')
    .addOption(new Option('--state <state>').choices(JOB_STATES))
    .option('--kind <kind>', 'of this kind only')
    .option('--limit <rows>', 'the most rows to list', '20')
    .option('--json', 'one JSON object a line')
    .action(async ({ state, kind, limit, json }: ListOptions) => {
      const filter = { ...(state && { state }), ...(kind && { kind }), limit: wholeNumber(limit, '--limit') };
      const { items, next_cursor } = await withContext((ctx) => records.list(ctx, filter));
      if (json) return console.log(items.map((job) => JSON.stringify(job)).join('\n'));
      console.log(table(HEADINGS, items.map(row)));
      if (next_cursor !== null) console.log('… and more; --limit shows them, --state and --kind narrow them down');
    });
}

function registerShow(group: Command): void {
  group
    .command('show')
    .description('show one job with its payload')
    .argument('<id>')
    .action(async (id: string) => {
      const job = isId(id) ? await withContext((ctx) => records.find(ctx, id)) : undefined;
      if (job === undefined) throw new CommandError(`There is no job ${id}; see: npx back jobs list`);
      console.log(JSON.stringify(job, null, 2));
    });
}

function registerRetry(group: Command): void {
  group
    .command('retry')
    .description('have dead jobs tried again: the named one, or all of them')
    .argument('[id]')
    .option('--all', 'all dead jobs')
    .option('--kind <kind>', 'with --all: of this kind only')
    .action(async (id: string | undefined, { all = false, kind }: { all?: boolean; kind?: string }) => {
      if ((id === undefined) !== all) throw new CommandError('Name one job, or give --all');
      if (id !== undefined && !isId(id)) throw new CommandError(`There is no dead job ${id}`);
      const chosen = { ...(id && { id }), ...(kind && { kind }) };
      const count = await withContext((ctx) => records.retry(ctx, chosen));
      if (id !== undefined && count === 0) throw new CommandError(`There is no dead job ${id}`);
      console.log(`Tried again: ${count}`);
    });
}

function registerPurge(group: Command): void {
  group
    .command('purge')
    .description('remove old jobs; a server does so by itself for those that were done 30 days ago')
    .option('--days <days>', 'that ended more than this many days ago', '30')
    .option('--dead', 'dead ones instead of done ones')
    .action(async ({ days, dead = false }: { days: string; dead?: boolean }) => {
      const chosen = { days: wholeNumber(days, '--days'), state: dead ? 'dead' : 'done' } as const;
      console.log(`Removed: ${await withContext((ctx) => records.purge(ctx, chosen))}`);
    });
}

function withContext<T>(work: (ctx: RequestContext) => Promise<T>): Promise<T> {
  return inAppContext(loadConfig(readEnvironment()), work);
}

function row({ id, kind, state, attempts, max_attempts, run_at, locked_until, last_error }: JobRow): string[] {
  const isRunning = state === 'pending' && locked_until !== null && locked_until > new Date();
  const tried = `${attempts} of ${max_attempts}`;
  return [id, kind, isRunning ? 'running' : state, tried, run_at.toISOString(), last_error ?? ''];
}

function wholeNumber(text: string, option: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new CommandError(`${option} must be a whole number from 1`);
  return number;
}
