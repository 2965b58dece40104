import { type Finding, fail, judged, ok, warn } from '../finding.ts';
import type { ConnectionKind, DatabaseObservation, Pooling } from '../observation.ts';

const KINDS: Record<ConnectionKind, string> = {
  direct: 'a direct connection',
  session_pooler: 'a pooler in session mode',
  transaction_pooler: 'a pooler in transaction mode',
};

type Ability = Exclude<keyof Pooling, 'kind' | 'evidence'>;

const ABILITIES: Record<Ability, { name: string; done_without: string }> = {
  prepared_statements: {
    name: 'Named prepared statements',
    done_without: 'with DATABASE_POOLER=transaction none are sent',
  },
  session_settings: { name: 'Session settings (SET)', done_without: 'the application sets nothing for a session' },
  session_locks: { name: 'Session advisory locks', done_without: 'the application takes none' },
  transaction_locks: { name: 'Transaction advisory locks', done_without: '' },
  listen: { name: 'LISTEN', done_without: 'the application does not listen' },
};

/** What stands between the application and PostgreSQL, whether DATABASE_POOLER says the same, and what works through it. */
export function checkConnection(database: DatabaseObservation): Finding[] {
  return judged(database.pooling, 'connection', (pooling) => [
    ok('connection', `${database.address} is ${KINDS[pooling.kind]}: ${pooling.evidence}`),
    checkSetting(pooling, database.taken_for_transaction_pooler),
    // The table's keys are the abilities.
    ...(Object.keys(ABILITIES) as Ability[]).map((ability) => checkAbility(pooling, ability)),
  ]);
}

function checkSetting({ kind, prepared_statements }: Pooling, taken_for_transaction_pooler: boolean): Finding {
  const check = 'pooler_setting';
  const isTransaction = kind === 'transaction_pooler';
  if (isTransaction === taken_for_transaction_pooler)
    return ok(check, 'The application takes it for what it is (DATABASE_POOLER)');
  if (!isTransaction)
    return warn(
      check,
      `The application takes it for a transaction pooler and gives up named statements, which are about twice as fast`,
      'DATABASE_POOLER=none',
    );
  const consequence = prepared_statements
    ? 'and counts on what a session keeps, such as its statement timeout'
    : 'and its named statements fail as soon as two connections change places';
  return fail(
    check,
    `The application does not take it for a transaction pooler, ${consequence}`,
    'DATABASE_POOLER=transaction',
  );
}

function checkAbility(pooling: Pooling, ability: Ability): Finding {
  const { name, done_without } = ABILITIES[ability];
  const works = pooling[ability];
  if (works) return ok(ability, `${name} work${ability === 'listen' ? 's' : ''}`);
  if (ability === 'transaction_locks')
    return fail(
      ability,
      `${name} do not keep others out: two migrations at once, or two rounds of upkeep, would meet`,
      'connect to PostgreSQL itself, or through a pooler that keeps a transaction on one server',
    );
  if (works === undefined) return ok(ability, `${name}: could not be told here; take them as broken (${done_without})`);
  const sentence = `${name} do${ability === 'listen' ? 'es' : ''} not work here`;
  return pooling.kind === 'transaction_pooler'
    ? ok(ability, `${sentence}, and need not: ${done_without}`)
    : warn(ability, sentence, 'see the pooler’s settings; on a standby it is no wonder');
}
