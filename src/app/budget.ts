import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import type { Config } from './config.ts';

/** What one process may use at once. Beyond it a request gets 503 with `Retry-After`, before any work is done for it. */
export interface Budget {
  /** Memory in bytes: the control group's limit, or the machine's memory, divided by the workers. */
  memory_bytes: number;
  /** Requests of one connection that are worked on at once; further pipelined ones wait. */
  requests_per_connection: number;
  /** Pipelined requests of all connections that wait. */
  requests_waiting: number;
  /** Requests that are worked on at once. */
  requests: number;
  /** Bytes of request bodies. */
  body_bytes: number;
  /** Bytes of answers that their clients have not taken yet. */
  answer_bytes: number;
  /** Password hashes that run at once. */
  hashes: number;
  /** Memory of the hashes that run. Only foreign ones (argon2, scrypt) take any to speak of. */
  hash_bytes: number;
  /** Files and sockets; Infinity if the system sets no limit. */
  open_files: number;
  /** Connections of clients. */
  connections: number;
  /** Connections to the database. */
  database_connections: number;
}

/** What the machine and its control group grant to the whole service. */
export interface Machine {
  memory_bytes: number;
  open_files: number;
  cores: number;
}

const MIB = 1024 * 1024;
const MAX_BUFFER_BYTES = 64 * MIB;
const MAX_HASH_BYTES = 1024 * MIB;
const BYTES_PER_REQUEST = 64 * 1024;
const BYTES_PER_CONNECTION = 32 * 1024;
/** The log, the keys, lookups of names, a scrape, and what the runtime opens for itself. */
const RESERVED_FILES = 48;

/** Derives the budget of a process from the configuration and the machine. */
export function processBudget(
  config: Pick<Config, 'workers' | 'pool_size' | 'pool_max_overflow'>,
  machine: Machine = readMachine(),
): Budget {
  const memory_bytes = Math.floor(machine.memory_bytes / config.workers);
  const database_connections = config.pool_size + config.pool_max_overflow;
  const buffer_bytes = Math.min(MAX_BUFFER_BYTES, Math.floor(memory_bytes / 8));
  const files = machine.open_files - RESERVED_FILES - database_connections;
  return {
    memory_bytes,
    requests_per_connection: 4,
    requests_waiting: 4096,
    requests: bounded(memory_bytes / 8 / BYTES_PER_REQUEST, 64, 4096),
    body_bytes: buffer_bytes,
    answer_bytes: buffer_bytes,
    hashes: Math.max(1, Math.floor(machine.cores / config.workers)),
    hash_bytes: Math.min(MAX_HASH_BYTES, Math.floor(memory_bytes / 2)),
    open_files: machine.open_files,
    connections: bounded(Math.min(files, memory_bytes / 4 / BYTES_PER_CONNECTION), 16, 100_000),
    database_connections,
  };
}

/** The budget as lines of text, a resource each. */
export function formatBudget(budget: Budget): string[] {
  const number = (value: number): string => (Number.isFinite(value) ? value.toLocaleString('en') : 'no limit');
  const size = (bytes: number): string => `${number(Math.round(bytes / MIB))} MiB`;
  return [
    `memory: ${size(budget.memory_bytes)}`,
    `requests under way: ${number(budget.requests)}, ${number(budget.requests_per_connection)} a connection, ${number(budget.requests_waiting)} waiting`,
    `request bodies: ${size(budget.body_bytes)}`,
    `answers not yet read: ${size(budget.answer_bytes)}`,
    `password hashes at once: ${number(budget.hashes)}, with ${size(budget.hash_bytes)} of memory`,
    `client connections: ${number(budget.connections)} (open files: ${number(budget.open_files)})`,
    `database connections: ${number(budget.database_connections)}`,
  ];
}

function bounded(value: number, least: number, most: number): number {
  return Math.floor(Math.min(most, Math.max(least, value)));
}

function readMachine(): Machine {
  // 0 or a number beyond all memory if there is no limit.
  const limit = process.constrainedMemory();
  const memory_bytes = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return { memory_bytes, open_files: readOpenFiles(), cores: availableParallelism() };
}

function readOpenFiles(): number {
  try {
    const [, soft = ''] = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft) || Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
