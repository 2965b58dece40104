import { tmpdir } from 'node:os';
import { type Diagnosis, diagnose } from '../../src/doctor/diagnose.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import type { DatabaseObservation, Look, Observation } from '../../src/doctor/observation.ts';
import { observe } from '../../src/doctor/observe/observe.ts';
import { GOOD_KEY } from './observation.ts';

/** Long enough for a machine that is busy with other tests. */
const WITHIN_MS = 25_000;

/** What the doctor sees and says of a real environment. */
export interface Examined {
  observation: Observation;
  diagnosis: Diagnosis;
  /** The first finding of a check. */
  finding: (check: string) => Finding | undefined;
}

/** Looks at the database at `url` with a good key and nothing of the developer's environment. */
export async function examine(
  url: string,
  { environment = {}, withinMs = WITHIN_MS }: { environment?: Record<string, string>; withinMs?: number } = {},
): Promise<Examined> {
  const observation = await observe({
    environment: { SECRET_KEY: GOOD_KEY, DATABASE_URL: url, ENVIRONMENT: 'test', ...environment },
    directory: tmpdir(),
    instances: 1,
    file_purposes: [],
    withinMs,
    explain: String,
  });
  const diagnosis = diagnose(observation);
  const findings = diagnosis.groups.flatMap(({ findings }) => findings);
  return { observation, diagnosis, finding: (check) => findings.find((finding) => finding.check === check) };
}

/** What was seen of the database; fails where it was away. */
export function databaseIn({ observation: { database } }: Examined): DatabaseObservation {
  return seenIn(database);
}

/** What was seen; fails with the reason where it was not. */
export function seenIn<T>(look: Look<T> | undefined): T {
  if (look === undefined || 'failure' in look) throw new Error(`not seen: ${look?.failure}`);
  return look.seen;
}
