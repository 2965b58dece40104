import { describe, expect, it } from 'vitest';
import { startApi } from '../../../helpers/api.ts';

const api = startApi({
  PUBLIC_URL: 'https://api.example.com',
  WEBAUTHN_RP_ID: 'example.com',
  WEBAUTHN_ORIGINS: `https://example.com,https://example.org,android:apk-key-hash:${'A'.repeat(43)}`,
});

describe('the well-known addresses of passkeys', () => {
  it('lead password managers to the pages of the account', async () => {
    const answer = await api.request({ url: '/.well-known/passkey-endpoints' });
    expect(answer.json()).toEqual({
      enroll: 'https://api.example.com/account/add-passkey',
      manage: 'https://api.example.com/account/passkeys',
    });
  });

  it('name the web pages that use the passkeys of the domain', async () => {
    const answer = await api.request({ url: '/.well-known/webauthn' });
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(answer.json()).toEqual({ origins: ['https://example.com', 'https://example.org'] });
  });
});
