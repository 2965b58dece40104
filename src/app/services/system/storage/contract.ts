import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';

/** The part of the keyring that signs the addresses of a folder. */
export interface AddressKeys {
  signingAt: (time: Date) => { one_time: { id: string; secret: Buffer } };
  findOneTimeKey: (id: string) => Buffer | undefined;
}

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

/** What an address is good for. Every part is signed. */
export interface Grant {
  method: 'PUT' | 'GET';
  id: string;
  type: string;
  /** Of an upload the size in bytes, of a download the name. */
  what: string | number;
}

/** The proof in an address. */
export interface Proof {
  /** In seconds since 1970. */
  expires: number;
  /** The id of the key. */
  key: string;
  signature: string;
}

/** Holds the contents of files by their ids. `find` and `remove` reject if it does not answer in time. */
export interface Storage {
  /** An address that takes an object of exactly this size and type, for `seconds` seconds. It needs no connection. */
  uploadTo: (file: ObjectFacts & { id: string }, seconds: number) => Promise<Upload>;
  /** An address that gives the content, for `seconds` seconds. It needs no connection. */
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
  /** Writes the content as it comes; false if there is one already, or if two are on their way. A broken one leaves nothing. Rejects if too many of all files are. */
  write: (id: string, facts: ObjectFacts, content: Readable) => Promise<boolean>;
  /** The open content; `undefined` if there is none. */
  open: (id: string) => Promise<FileHandle | undefined>;
}
