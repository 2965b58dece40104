import type { InjectOptions } from 'fastify';
import type { ErrorCodeName } from '../../src/app/utils/error-codes.ts';
import type { TestUser } from './api.ts';

/** Ids by the collection before them: `/clubs/:id/books/:book_id` takes `ids.clubs` and `ids.books`. */
export type Ids = Readonly<Record<string, string>>;

/** Who acts, and what there is of theirs; `request` answers as `api.request` does. */
export interface Known {
  user: TestUser;
  ids: Ids;
}

/** What a test does by SQL or requests to make a thing. */
export interface Hands {
  request: (options: InjectOptions & { token?: string }) => Promise<{ statusCode: number; body: string }>;
  sql: <Row extends object>(text: string, values?: unknown[]) => Promise<Row[]>;
}

/** A kind of thing that has an id in some path, by the word before the id. */
export interface Thing {
  /** Who may read it: its owner alone (if nothing is said), its members, or every user. To anybody else it does not exist. */
  seenBy?: 'owner' | 'members' | 'everybody';
  /** Makes one of the user's; gives its id. If it is not said, `POST` to the collection with the body's example makes it. */
  make?: (known: Known, hands: Hands) => Promise<string>;
  /** Makes another user a member of it. */
  admit?: (known: Known & { member: TestUser }, hands: Hands) => Promise<void>;
}

/** What the kit's tests cannot read from a product's routes. Operations are named as `POST /clubs/:id/books`. */
export interface ProductTests {
  /** Variables that your settings require. */
  settings?: Readonly<Record<string, string>>;
  /** Operations that anybody may call without a session. */
  open?: readonly string[];
  /** Your things that need a word. One that its owner alone sees and that a `POST` of its example makes needs none. */
  things?: Readonly<Record<string, Thing>>;
  /** Members of a body that no example can know, such as another thing's id; or a whole body that is not JSON. */
  bodies?: Readonly<
    Record<string, (known: Known) => Readonly<Record<string, unknown>> | { type: string; bytes: Buffer }>
  >;
  /** Codes that an operation of users may answer although the kit reserves them: `forbidden` for who sees a thing and may not change it. */
  refusals?: Readonly<Record<string, readonly ErrorCodeName[]>>;
  /** Operations that a stranger may call with the id of a thing that is hidden otherwise, such as joining it. */
  doors?: readonly string[];
  /** Texts that are stored in another spelling than they were sent in: `POST /books isbn`. */
  rewritten?: readonly string[];
  /** How often an operation crosses to the database, its session's check included. */
  crossings?: Readonly<Record<string, number>>;
}
