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

/** What the server says of a statement's rows, and how their text is read: the same for as long as the statement keeps its name. */
interface Description {
  fields: pg.FieldDef[];
  types: pg.CustomTypesConfig;
  parsers: ((text: string) => unknown)[];
}

/** By the statements' names; one for each connection, as the names are. */
export type Descriptions = Map<string, Description>;

/** What the driver hands a statement that it was given to submit. */
interface Wire {
  stream: Socket;
  /** Texts by name, of what this connection's server has parsed; the driver keeps it. */
  parsedStatements: Readonly<Record<string, string>>;
}

/** The driver's own function, which its types leave out: a JavaScript value as PostgreSQL's text. */
const { prepareValue } = (pg as unknown as { utils: { prepareValue: (value: unknown) => unknown } }).utils;

const DESCRIBE = serialize.describe({ type: 'P' });
const EXECUTE_AND_SYNC = Buffer.concat([serialize.execute(), serialize.sync()]);

/**
 * A statement that the server knows by its name (PostgreSQL's extended query protocol, §54.2.3). The driver's own asks with
 * each use what the rows look like, and writes each of its four messages by itself; this asks once a connection and writes
 * once. Should the rows change, the server refuses the name (0A000; see isStalePlan).
 */
export class PreparedStatement implements pg.Submittable {
  readonly name: string;
  readonly text: string;
  /** The driver puts its deadline around it. */
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

  /** Writes everything; gives the error of a value that cannot be written, and then writes nothing. */
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
      // In place and by index: nobody else has the texts, and each further array of a row is a tenth of a page's garbage.
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
