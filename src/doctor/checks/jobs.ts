import { counted, type Finding, ok, warn } from '../finding.ts';
import type { JobFacts } from '../observation.ts';

/** A worker looks every few seconds, and a process that died holds its job for a minute. */
const OLDEST_SECONDS = 120;

/** Whether the jobs are worked off, and whether some were given up. */
export function checkJobs({ pending, oldest_due_seconds, oldest_kind, dead, dead_kinds }: JobFacts): Finding[] {
  return [waiting({ pending, oldest_due_seconds, oldest_kind }), givenUp(dead, dead_kinds)];
}

function waiting({ pending, oldest_due_seconds, oldest_kind }: Omit<JobFacts, 'dead' | 'dead_kinds'>): Finding {
  if (oldest_due_seconds <= OLDEST_SECONDS) return ok('jobs', `${counted(pending, 'job')} waiting, none of them late`);
  return warn(
    'jobs',
    `The oldest of ${counted(pending, 'waiting job')}, of the kind ${oldest_kind}, is ${lateness(oldest_due_seconds)} late`,
    'a server with JOBS=true, or npx back work; mails also wait for SMTP_URL',
  );
}

function givenUp(dead: number, kinds: readonly string[]): Finding {
  if (dead === 0) return ok('jobs_dead', 'No job was given up');
  return warn(
    'jobs_dead',
    `${counted(dead, 'job')} given up: ${kinds.join(', ')}`,
    'npx back jobs list --state dead',
    'then npx back jobs retry for one whose cause is mended',
  );
}

function lateness(seconds: number): string {
  if (seconds < 7200) return counted(Math.round(seconds / 60), 'minute');
  return seconds < 172_800 ? counted(Math.round(seconds / 3600), 'hour') : counted(Math.round(seconds / 86_400), 'day');
}
