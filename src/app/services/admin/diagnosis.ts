import type { Diagnosis } from '../../../doctor/diagnose.ts';
import type { AppContext } from '../../context.ts';

/** What the doctor says of this process and its database, and when it looked. */
export interface DatedDiagnosis extends Diagnosis {
  at: Date;
}

type Surroundings = Pick<AppContext, 'config' | 'clock' | 'filePurposes'>;

/** How long a diagnosis is good: looking opens five connections, and signs in to the mail server. */
const KEPT_MS = 60_000;
const kept = new WeakMap<AppContext['config'], { until: number; diagnosis: Promise<DatedDiagnosis> }>();

/**
 * The findings of the doctor's cheap checks. All who ask within a minute get the same; of those who ask at once, the first
 * one has it made. The doctor is loaded by the first one.
 */
export function read(ctx: Surroundings): Promise<DatedDiagnosis> {
  const { config, clock } = ctx;
  const now = clock.now().getTime();
  const present = kept.get(config);
  if (present !== undefined && now < present.until) return present.diagnosis;
  const diagnosis = examine(ctx);
  kept.set(config, { until: now + KEPT_MS, diagnosis });
  diagnosis.catch(() => kept.delete(config));
  return diagnosis;
}

async function examine({ config, clock, filePurposes }: Surroundings): Promise<DatedDiagnosis> {
  const [{ observeServing }, { diagnose }, { redacted }] = await Promise.all([
    import('../../../doctor/observe/serving.ts'),
    import('../../../doctor/diagnose.ts'),
    import('../../../doctor/redact.ts'),
  ]);
  const observation = await observeServing(config, { file_purposes: Object.keys(filePurposes) });
  return { at: clock.now(), ...redacted(diagnose(observation), { config }) };
}
