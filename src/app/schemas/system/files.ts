import { FILE_STATES } from '../../models/system/files.ts';
import { closed, DateTimestamp, enumOf, Id, Timestamp } from '../common.ts';
import { type Static, Type } from '../type.ts';

/** What one PUT carries at most on S3. */
const MAX_BYTES = 5 * 1024 ** 3;

const Name = Type.String({ minLength: 1, maxLength: 255, examples: ['cover.png'] });
const MediaType = Type.String({
  pattern: '^[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*$',
  maxLength: 127,
  description: 'A media type in lower case, without parameters',
  examples: ['image/png'],
});
const Size = Type.Integer({ minimum: 1, maximum: MAX_BYTES, description: 'In bytes', examples: [3482] });

export type StoredFile = Static<typeof StoredFile>;
export const StoredFile = Type.Object(
  {
    id: Id,
    name: Name,
    type: MediaType,
    size: Size,
    purpose: Type.String({ maxLength: 100 }),
    state: enumOf(FILE_STATES),
    owner_id: Id,
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { title: 'StoredFile' },
);

export interface FileCreate {
  name: string;
  type: string;
  size: number;
  purpose: string;
}

/** The body that begins an upload, for a product with these purposes. */
export function fileCreate(purposes: Readonly<Record<string, { types: readonly string[] }>>) {
  const [purpose = '', { types: [type = ''] = [] } = {}] = Object.entries(purposes)[0] ?? [];
  return Type.Object(
    { name: Name, type: MediaType, size: Size, purpose: enumOf(Object.keys(purposes)) },
    { ...closed, title: 'FileCreate', examples: [{ name: 'cover.png', type, size: 3482, purpose }] },
  );
}

export type FileUpload = Static<typeof FileUpload>;
export const FileUpload = Type.Object(
  {
    id: Id,
    upload: Type.Object(
      {
        url: Type.String({ format: 'uri', description: 'Send the content here by PUT' }),
        headers: Type.Object({ 'content-type': MediaType }, { description: 'The headers of the PUT' }),
      },
      { description: 'Takes exactly this many bytes of this type' },
    ),
    expires_at: DateTimestamp,
  },
  { title: 'FileUpload' },
);

export const AddressQuery = Type.Object(
  { redirect: Type.Optional(Type.Boolean({ description: 'false: the address is answered instead of followed' })) },
  closed,
);

/** Where the content of a file is, for five minutes. */
export const FileAddress = Type.Object({ url: Type.String({ format: 'uri' }) }, { title: 'FileAddress' });
