import { Type } from '../type.ts';

const Url = Type.String({ format: 'uri', maxLength: 2048 });

export const PasskeyEndpoints = Type.Object(
  {
    enroll: Url,
    manage: Url,
  },
  { title: 'PasskeyEndpoints', description: 'Pages of the account, for password managers' },
);

export const RelatedOrigins = Type.Object(
  { origins: Type.Array(Type.String({ maxLength: 2048 })) },
  { title: 'RelatedOrigins', description: 'Origins that use the passkeys of this domain (WebAuthn §5.11)' },
);
