import type { Command } from 'commander';
import { pino } from 'pino';
import { loadAuditConfig, loadDatabaseConfig, readEnvironment } from '../app/config.ts';
import { onOwnConnection } from '../app/database.ts';
import { keepUp } from '../app/services/system/audit-partitions.ts';
import { type Anchor, type AuditProblem, currentAnchors, verify } from '../app/services/system/audit-verifier.ts';
import { CommandError } from './ui/errors.ts';
import { readGivenFile } from './ui/files.ts';

/** EX_TEMPFAIL of sysexits.h: nothing is wrong, but the work is not done. */
const BUSY = 75;

/** `back audit`: proves that the audit events are as they were written, and keeps their table in shape. */
export function registerAudit(program: Command): void {
  const audit = program.command('audit').description('verify, anchor and prune the audit events');

  audit
    .command('verify')
    .description('recompute every link; exit code 1 if a row was altered, removed, reordered or inserted')
    .option('--anchors <file>', 'log lines or the output of `back audit anchor`, kept elsewhere, to compare with')
    .option('--json', 'for scripts')
    .action(async ({ anchors: file, json = false }: { anchors?: string; json?: boolean }) => {
      const anchors = file === undefined ? [] : readAnchors(file);
      const config = loadAuditConfig(readEnvironment());
      const options = { anchors, retention_days: config.audit_retention_days };
      const result = await onOwnConnection(config, (db) => verify({ db }, options));
      if (json) console.log(JSON.stringify(result));
      else for (const line of report(result, anchors.length)) console.log(line);
      if (result.problems.length > 0) process.exitCode = 1;
    });

  audit
    .command('anchor')
    .description('print the present end of every chain, to keep outside of the database')
    .action(async () => {
      const chains = await onOwnConnection(loadDatabaseConfig(readEnvironment()), (db) => currentAnchors({ db }));
      console.log(JSON.stringify({ event: 'audit.anchor', time: new Date().toISOString(), chains }));
    });

  audit
    .command('prune')
    .description(
      'drop the months older than AUDIT_RETENTION_DAYS and make the coming ones, as a running server does by itself; exit code 75 if another process is at it',
    )
    .action(async () => {
      const log = pino({ level: 'warn' }, pino.destination({ fd: 2, sync: true }));
      const { created, dropped, is_busy } = await keepUp({ config: loadAuditConfig(readEnvironment()), log });
      for (const name of created) console.log(`made     ${name}`);
      for (const name of dropped) console.log(`dropped  ${name}`);
      if (is_busy) {
        console.error('Another process is at it; run the command again later');
        process.exitCode = BUSY;
      } else if (created.length + dropped.length === 0) console.log('Nothing to do');
    });
}

/** Every `audit.anchor` line of a file; other lines are passed over, so that a whole log will do. */
function readAnchors(file: string): Anchor[] {
  const anchors = readGivenFile(file).split('\n').flatMap(anchorsOf);
  if (anchors.length === 0) throw new CommandError(`${file} has no line with the event audit.anchor`);
  return anchors;
}

function anchorsOf(line: string): Anchor[] {
  if (!line.includes('"audit.anchor"')) return [];
  try {
    const { event, chains, time }: { event?: unknown; chains?: unknown; time?: unknown } = JSON.parse(line);
    if (event !== 'audit.anchor' || !Array.isArray(chains)) return [];
    return chains.filter(isAnchor).map(({ chain, seq, hash }) => ({ chain, seq, hash, ...timeOf(time) }));
  } catch {
    return [];
  }
}

/** A line of the log has the time in milliseconds or as text. */
function timeOf(value: unknown): { time?: string } {
  const time = new Date(typeof value === 'number' || typeof value === 'string' ? value : Number.NaN);
  return Number.isNaN(time.getTime()) ? {} : { time: time.toISOString() };
}

function isAnchor(value: Partial<Anchor> | null): value is Anchor {
  return Number.isInteger(value?.chain) && Number.isInteger(value?.seq) && /^[0-9a-f]*$/.test(value?.hash ?? '-');
}

const SENTENCES: Record<AuditProblem['kind'], string> = {
  altered: 'is not the row that was written',
  missing: 'has lost the rows before it',
  repeated: 'is there twice',
  unlinked: 'was not written by the application',
  end_missing: 'was the last row, and the chain does not end with it',
  rewritten: 'is not the row that the anchor saw',
  unwitnessed: 'left with the rows that expired, and no later anchor proves it',
  cut_early: 'left before AUDIT_RETENTION_DAYS had passed',
  misdated: 'has a time that contradicts its place among the anchors',
};

function* report({ rows, problems }: Awaited<ReturnType<typeof verify>>, anchors: number): Generator<string> {
  for (const { kind, chain, seq, id } of problems)
    yield `chain ${chain ?? '-'}, row ${seq ?? '-'}${id === null ? '' : ` (${id})`}: ${SENTENCES[kind]}`;
  const compared = anchors > 0 ? `, compared with ${anchors} anchors` : '';
  yield problems.length === 0
    ? `${rows} audit events are as they were written${compared}`
    : `problems: ${problems.length}, in ${rows} audit events${compared}`;
}
