import { closed } from '../common.ts';
import { type Static, Type } from '../type.ts';

const signed = {
  type: Type.String({ maxLength: 127 }),
  expires: Type.Integer({ minimum: 0, maximum: 99_999_999_999 }),
  key: Type.String({ maxLength: 64 }),
  signature: Type.String({ maxLength: 64 }),
};

/** The query of an address that takes a content. */
export type UploadProof = Static<typeof UploadProof>;
export const UploadProof = Type.Object({ ...signed, size: Type.Integer({ minimum: 1 }) }, closed);

/** The query of an address that gives one. */
export type DownloadProof = Static<typeof DownloadProof>;
export const DownloadProof = Type.Object({ ...signed, name: Type.String({ maxLength: 255 }) }, closed);
