import { Type } from '../type.ts';

const Short = Type.String({ maxLength: 128 });

const Jwk = Type.Object(
  { kid: Short, kty: Short, alg: Short, use: Type.Literal('sig') },
  { additionalProperties: Type.String({ maxLength: 4096 }), title: 'JsonWebKey' },
);

export const JwkSet = Type.Object({ keys: Type.Array(Jwk) }, { title: 'JsonWebKeySet' });
