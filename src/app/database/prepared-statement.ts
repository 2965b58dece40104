import type { Socket } from 'node:net';
import pg from 'pg';
import { serialize } from 'pg-protocol';
import { notePhase } from './failure-phase.ts';

export interface PreparedStatementConfig {
  /** Empty for a statement that is parsed and described with each use. */
  name: string;
  text: string;
  values: readonly unknown[];
  types: pg.CustomTypesConfig;
  rowMode?: string | undefined;
  /** Statements without parameters that go before it, such as `begin`. If one of them fails, the server skips the others. */
  opening?: readonly string[];
  /** How long the client waits for the answer, in place of the connection's setting. */
  query_timeout?: number | undefined;
}

/** The columns of a statement's rows and their parsers; they stay the same under one statement name. */
interface Description {
  fields: pg.FieldDef[];
  types: pg.CustomTypesConfig;
  parsers: ((text: string) => unknown)[];
}

/** Descriptions by statement name. Names, and so descriptions, belong to one connection. */
export type Descriptions = Map<string, Description>;

/** The part of the driver's connection that a submitted statement uses. */
interface Wire {
  stream: Socket;
  /** The texts of the statements that the server has parsed, by name; the driver maintains it. */
  parsedStatements: Readonly<Record<string, string>>;
  /** Those that are sent and not yet parsed. */
  submittedNamedStatements: Record<string, string>;
}

/** Converts a JavaScript value to PostgreSQL's text; a function of the driver that its types lack. */
const { prepareValue } = (pg as unknown as { utils: { prepareValue: (value: unknown) => unknown } }).utils;

const DESCRIBE = serialize.describe({ type: 'P' });
const EXECUTE = serialize.execute();
const EXECUTE_AND_SYNC = Buffer.concat([EXECUTE, serialize.sync()]);
/** The messages of each opening; a pool has one. */
const openings = new WeakMap<readonly string[], Buffer>();
const NO_OPENING: readonly string[] = [];

/**
 * A statement of PostgreSQL's extended query protocol (§54.2.3). The driver's own implementation requests the row
 * description with each use and writes four separate messages. This one requests it once per connection and name, and writes
 * one buffer. If the columns change, the server refuses the name (0A000; see isStalePlan).
 */
export class PreparedStatement implements pg.Submittable {
  readonly text: string;
  readonly query_timeout: number | undefined;
  /** The driver wraps it with its timeout. */
  callback: (error: Error | null, result?: pg.QueryResult) => void;
  readonly #config: PreparedStatementConfig;
  readonly #descriptions: Descriptions;
  #description: Description | undefined;
  readonly #result: pg.QueryResult = { command: '', rowCount: null, oid: 0, fields: [], rows: [] };
  #failure: Error | undefined;
  /** Statements of the opening that are not yet complete; their rows mean nothing. */
  #ahead: number;
  #is_complete = false;

  constructor(config: PreparedStatementConfig, descriptions: Descriptions, callback: PreparedStatement['callback']) {
    this.query_timeout = config.query_timeout;
    this.#ahead = config.opening?.length ?? 0;
    this.text = config.text;
    this.callback = callback;
    this.#config = config;
    this.#descriptions = descriptions;
  }

  /** The driver counts a statement as parsed under this name, so the opening has none. */
  get name(): string {
    return this.#ahead > 0 ? '' : this.#config.name;
  }

  /** Writes all messages at once. If a value cannot be serialized, returns the error and writes nothing. */
  submit(connection: unknown): Error | null {
    const { stream, parsedStatements, submittedNamedStatements } = connection as Wire;
    const { name, text, values, types, opening = NO_OPENING } = this.#config;
    const known = name === '' ? undefined : this.#descriptions.get(name);
    this.#description = known?.types === types ? known : undefined;
    try {
      const bind = serialize.bind({ statement: name, values: [...values], valueMapper: prepareValue });
      const isParsed =
        name !== '' && (parsedStatements[name] !== undefined || submittedNamedStatements[name] !== undefined);
      const parse = isParsed ? [] : [serialize.parse({ name, text })];
      if (!isParsed && name !== '') submittedNamedStatements[name] = text;
      const describe = this.#description === undefined ? [DESCRIBE] : [];
      stream.write(Buffer.concat([openingMessages(opening), ...parse, bind, ...describe, EXECUTE_AND_SYNC]));
      return null;
    } catch (error) {
      return error as Error;
    }
  }

  handleRowDescription({ fields }: { fields: pg.FieldDef[] }): void {
    const { types } = this.#config;
    const parsers = fields.map(({ dataTypeID }) => types.getTypeParser(dataTypeID, 'text'));
    this.#description = { fields, types, parsers };
    if (this.name !== '') this.#descriptions.set(this.name, this.#description);
  }

  handleDataRow({ fields: texts }: { fields: (string | null)[] }): void {
    if (this.#ahead > 0) return;
    const { fields = [], parsers = [] } = this.#description ?? {};
    try {
      // In place and by index: nothing else refers to the array, and a second array per row adds a tenth to a page's garbage.
      const values: unknown[] = texts;
      for (let at = 0; at < texts.length; at++) {
        const text = texts[at] ?? null;
        if (text !== null) values[at] = parsers[at]?.(text);
      }
      const isArray = this.#config.rowMode === 'array';
      this.#result.rows.push(isArray ? values : Object.fromEntries(fields.map(({ name }, at) => [name, values[at]])));
    } catch (error) {
      this.#failure ??= error as Error;
    }
  }

  handleCommandComplete({ text }: { text: string }): void {
    if (this.#ahead > 0) {
      this.#ahead--;
      return;
    }
    this.#is_complete = true;
    // `SELECT 3`, `INSERT 0 1`, `BEGIN`.
    const [command = '', ...counts] = text.split(' ');
    const count = counts.at(-1);
    this.#result.command = command;
    this.#result.rowCount = count === undefined ? null : Number(count);
  }

  handleError(error: Error): void {
    // A statement that stands alone is committed after it is complete.
    if (this.#is_complete) notePhase(error, 'commit');
    // The server has answered nothing: neither did the transaction begin, nor was a statement of it committed.
    else if (this.#ahead > 0 && this.#ahead === this.#config.opening?.length) notePhase(error, 'begin');
    this.callback(error);
  }

  handleReadyForQuery(): void {
    this.#result.fields = this.#description?.fields ?? [];
    if (this.#failure) this.callback(this.#failure);
    else this.callback(null, this.#result);
  }
}

// Statements in flight at once are the driver's own kind only; this one keeps no portal open either.
Object.setPrototypeOf(PreparedStatement.prototype, pg.Query.prototype);

function openingMessages(opening: readonly string[]): Buffer {
  let messages = openings.get(opening);
  if (messages === undefined) {
    const each = opening.flatMap((text) => [serialize.parse({ text }), serialize.bind(), EXECUTE]);
    messages = Buffer.concat(each);
    openings.set(opening, messages);
  }
  return messages;
}
