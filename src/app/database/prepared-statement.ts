import type { Socket } from 'node:net';
import pg from 'pg';
import { serialize } from 'pg-protocol';

export interface PreparedStatementConfig {
  name: string;
  text: string;
  values: readonly unknown[];
  types: pg.CustomTypesConfig;
  rowMode?: string | undefined;
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
}

/** Converts a JavaScript value to PostgreSQL's text; a function of the driver that its types lack. */
const { prepareValue } = (pg as unknown as { utils: { prepareValue: (value: unknown) => unknown } }).utils;

const DESCRIBE = serialize.describe({ type: 'P' });
const EXECUTE_AND_SYNC = Buffer.concat([serialize.execute(), serialize.sync()]);

/**
 * A named statement of PostgreSQL's extended query protocol (§54.2.3). The driver's own implementation requests the row
 * description with each use and writes four separate messages. This one requests it once per connection and writes one
 * buffer. If the columns change, the server refuses the name (0A000; see isStalePlan).
 */
export class PreparedStatement implements pg.Submittable {
  readonly name: string;
  readonly text: string;
  /** The driver wraps it with its timeout. */
  callback: (error: Error | null, result?: pg.QueryResult) => void;
  readonly #config: PreparedStatementConfig;
  readonly #descriptions: Descriptions;
  #description: Description | undefined;
  readonly #result: pg.QueryResult = { command: '', rowCount: null, oid: 0, fields: [], rows: [] };
  #failure: Error | undefined;

  constructor(config: PreparedStatementConfig, descriptions: Descriptions, callback: PreparedStatement['callback']) {
    this.name = config.name;
    this.text = config.text;
    this.callback = callback;
    this.#config = config;
    this.#descriptions = descriptions;
  }

  /** Writes all messages at once. If a value cannot be serialized, returns the error and writes nothing. */
  submit(connection: unknown): Error | null {
    const { stream, parsedStatements } = connection as Wire;
    const { name, text } = this;
    const { values, types } = this.#config;
    const known = this.#descriptions.get(name);
    this.#description = known?.types === types ? known : undefined;
    try {
      const bind = serialize.bind({ statement: name, values: [...values], valueMapper: prepareValue });
      const parse = parsedStatements[name] === undefined ? [serialize.parse({ name, text })] : [];
      const describe = this.#description === undefined ? [DESCRIBE] : [];
      stream.write(Buffer.concat([...parse, bind, ...describe, EXECUTE_AND_SYNC]));
      return null;
    } catch (error) {
      return error as Error;
    }
  }

  handleRowDescription({ fields }: { fields: pg.FieldDef[] }): void {
    const { types } = this.#config;
    const parsers = fields.map(({ dataTypeID }) => types.getTypeParser(dataTypeID, 'text'));
    this.#description = { fields, types, parsers };
    this.#descriptions.set(this.name, this.#description);
  }

  handleDataRow({ fields: texts }: { fields: (string | null)[] }): void {
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
    // `SELECT 3`, `INSERT 0 1`, `BEGIN`.
    const [command = '', ...counts] = text.split(' ');
    const count = counts.at(-1);
    this.#result.command = command;
    this.#result.rowCount = count === undefined ? null : Number(count);
  }

  handleError(error: Error): void {
    this.callback(error);
  }

  handleReadyForQuery(): void {
    this.#result.fields = this.#description?.fields ?? [];
    if (this.#failure) this.callback(this.#failure);
    else this.callback(null, this.#result);
  }
}
