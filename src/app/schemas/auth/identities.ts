import { closed, DateTimestamp, Id, NullableString, PageOf } from '../common.ts';
import { Type } from '../type.ts';
import { ProviderId, RedirectTo } from './social-login.ts';

const Identity = Type.Object(
  {
    id: Id,
    provider: Type.String({ maxLength: 64, examples: ['google'] }),
    subject: Type.String({
      maxLength: 255,
      description: 'Who it is at the provider',
      examples: ['110169484474386276334'],
    }),
    email: NullableString({ maxLength: 254, description: 'The address that the provider last named' }),
    created_at: DateTimestamp,
  },
  { title: 'Identity' },
);

export const ProviderIdParams = Type.Object({ id: ProviderId }, closed);

export const IdentityPage = PageOf(Identity);

export const IdentityLinking = Type.Object(
  { redirect_to: Type.Optional(RedirectTo) },
  { ...closed, title: 'IdentityLinking', examples: [{}] },
);

export const LinkAddress = Type.Object(
  {
    authorization_url: Type.String({
      maxLength: 5000,
      description: 'Open it in the browser within two minutes, once; it ends with the session that asked',
    }),
  },
  { title: 'LinkAddress' },
);
