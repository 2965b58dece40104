import type { AppContext } from '../../context.ts';
import { onOwnConnection } from '../../database.ts';
import { type Verification, verify } from '../system/audit-verifier.ts';

/** The one verification that runs in this process: it reads the whole table, so all who ask meanwhile get its outcome. */
let running: Promise<Verification> | undefined;

/** Recomputes every link of the audit events on a connection of its own, without anchors. */
export function run({ config }: Pick<AppContext, 'config'>): Promise<Verification> {
  running ??= onOwnConnection(config, (db) => verify({ db }, { retention_days: config.audit_retention_days })).finally(
    () => {
      running = undefined;
    },
  );
  return running;
}
