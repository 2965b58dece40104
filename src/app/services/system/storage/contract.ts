import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Grant, Proof } from './signed-address.ts';

/** What an object is, to the byte and to the letter. */
export interface ObjectFacts {
  size: number;
  /** A media type without parameters. */
  type: string;
}

/** An address that takes one object by PUT, with these headers. */
export interface Upload {
  url: string;
  headers: { 'content-type': string };
}

/** Holds the contents of files by their ids. `find` and `remove` reject if it does not answer in time. */
export interface Storage {
  /** An address that takes an object of exactly this size and type, for so many seconds. It needs no connection. */
  uploadTo: (file: ObjectFacts & { id: string }, seconds: number) => Promise<Upload>;
  /** An address that gives the content, for so many seconds. It needs no connection. */
  downloadFrom: (file: { id: string; name: string; type: string }, seconds: number) => Promise<string>;
  /** What is stored under the id. */
  find: (id: string) => Promise<ObjectFacts | undefined>;
  /** Removes it; nothing happens if there is none. */
  remove: (id: string) => Promise<void>;
  /** Set if the addresses lead to this process. */
  readonly folder?: Folder;
}

/** What the addresses of a folder lead to. */
export interface Folder {
  /** True if the address was signed here and is good still. */
  isGranted: (grant: Grant, proof: Proof) => boolean;
  /** Writes the content as it comes; false if there is one already. A broken one leaves nothing. */
  write: (id: string, facts: ObjectFacts, content: Readable) => Promise<boolean>;
  /** The open content; `undefined` if there is none. */
  open: (id: string) => Promise<FileHandle | undefined>;
}
