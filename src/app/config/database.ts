import { boolean, identifier, integer, oneOf, setting } from './settings.ts';

const seconds = integer(1, 86_400);

/** The settings of the connection pool, named after SQLAlchemy's QueuePool; part of SETTINGS. */
export const DATABASE_SETTINGS = {
  DATABASE_POOLER: setting({
    section: 'Database',
    default: 'auto',
    purpose: 'Pooler between the application and PostgreSQL: auto (transaction on port 6543), transaction or none',
    parse: oneOf('auto', 'transaction', 'none'),
  }),
  DATABASE_SCHEMA: setting({
    section: 'Database',
    default: 'public',
    purpose: 'Schema of the tables',
    parse: identifier,
  }),
  POOL_SIZE: setting({
    section: 'Database',
    default: '5',
    unit: 'connections',
    purpose: 'Connections kept open',
    parse: integer(1, 1000),
  }),
  POOL_MAX_OVERFLOW: setting({
    section: 'Database',
    default: '10',
    unit: 'connections',
    purpose: 'Connections opened beyond POOL_SIZE under load and closed again when idle',
    parse: integer(0, 1000),
  }),
  POOL_RECYCLE_SECONDS: setting({
    section: 'Database',
    default: '300',
    unit: 'seconds',
    purpose: 'A connection older than this is replaced',
    parse: seconds,
  }),
  POOL_TIMEOUT_SECONDS: setting({
    section: 'Database',
    default: '5',
    unit: 'seconds',
    purpose: 'Longest wait for a connection, then 503',
    parse: integer(1, 300),
  }),
  POOL_PRE_PING: setting({
    section: 'Database',
    default: 'true',
    purpose: 'Connections are proved alive before a request depends on them',
    parse: boolean,
  }),
  KEEPALIVE_IDLE_SECONDS: setting({
    section: 'Database',
    default: '30',
    unit: 'seconds',
    purpose: 'TCP keep-alive: silence before the first probe',
    parse: seconds,
  }),
  KEEPALIVE_INTERVAL_SECONDS: setting({
    section: 'Database',
    default: '10',
    unit: 'seconds',
    purpose: 'TCP keep-alive: time between probes',
    parse: seconds,
  }),
  KEEPALIVE_COUNT: setting({
    section: 'Database',
    default: '5',
    unit: 'probes',
    purpose: 'TCP keep-alive: unanswered probes before the connection is given up',
    parse: integer(1, 100),
  }),
  STATEMENT_TIMEOUT_SECONDS: setting({
    section: 'Database',
    default: '5',
    unit: 'seconds',
    purpose: 'Longest run of one statement, then 503',
    parse: integer(1, 3600),
  }),
};
