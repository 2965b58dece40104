import { describe, expect, it } from 'vitest';
import { relyingParty } from '../../../../src/app/services/auth/relying-party.ts';
import { testConfig } from '../../../helpers/api.ts';

const DATABASE_URL = 'postgresql://nobody@127.0.0.1:1/none';
const partyOf = (settings: Record<string, string>) => {
  const { id, origins } = relyingParty(testConfig(DATABASE_URL, settings));
  return [id, origins];
};

describe('whose passkeys they are', () => {
  it('is this machine in development', () => {
    expect(partyOf({ PORT: '8123' })).toEqual(['localhost', ['http://localhost:8123']]);
    const CORS_ORIGINS = 'http://localhost:5173,https://example.com,capacitor://localhost';
    expect(partyOf({ CORS_ORIGINS })).toEqual(['localhost', ['http://localhost:8000', 'http://localhost:5173']]);
    expect(partyOf({ CORS_ORIGINS: '*' })).toEqual(['localhost', ['http://localhost:8000']]);
  });

  it('is the host of PUBLIC_URL, or a domain above it', () => {
    const urls = { PUBLIC_URL: 'https://api.example.com/v1', APP_URL: 'https://app.example.com/me' };
    const own = ['https://api.example.com', 'https://app.example.com'];
    expect(partyOf(urls)).toEqual(['api.example.com', own]);
    const CORS_ORIGINS = 'https://shop.example.com,https://example.com,https://evil-example.com,https://other.org';
    expect(partyOf({ ...urls, CORS_ORIGINS, WEBAUTHN_RP_ID: 'example.com' })).toEqual([
      'example.com',
      [...own, 'https://shop.example.com', 'https://example.com'],
    ]);
  });

  it('has the origins of the settings and no other, if there are some', () => {
    const WEBAUTHN_ORIGINS = `https://a.example.com,android:apk-key-hash:${'A'.repeat(43)}`;
    expect(partyOf({ PUBLIC_URL: 'https://api.example.com', WEBAUTHN_ORIGINS })).toEqual([
      'api.example.com',
      WEBAUTHN_ORIGINS.split(','),
    ]);
  });

  it.each([
    { WEBAUTHN_RP_ID: 'https://example.com' },
    { WEBAUTHN_RP_ID: 'Example.com' },
    { WEBAUTHN_RP_ID: '::1' },
    { WEBAUTHN_ORIGINS: 'https://app.example.com/' },
    { WEBAUTHN_ORIGINS: '*' },
    { WEBAUTHN_ORIGINS: 'https://*.example.com' },
    { WEBAUTHN_ORIGINS: 'http://localhost.example.com' },
    { WEBAUTHN_ORIGINS: 'android:apk-key-hash:x' },
  ])('is not to be set to %j', (settings) => {
    expect(() => partyOf(settings)).toThrow('WEBAUTHN_');
  });
});
