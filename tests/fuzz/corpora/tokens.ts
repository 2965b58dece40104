import { createHmac, generateKeyPairSync, sign } from 'node:crypto';

type Json = Record<string, unknown>;

/** Tokens that nobody of ours signed, or that say what ours never say; each must be refused. */
export function forgedTokens(
  good: string,
  { user_id, session_id }: { user_id: string; session_id: string },
  secret: string,
): Record<string, string> {
  const [head = '', body = '', signature = ''] = good.split('.');
  const claims: Json = JSON.parse(Buffer.from(body, 'base64url').toString());
  const header = { alg: 'HS256', typ: 'at+jwt' };
  const signed = (header: Json, claims: unknown, key = secret): string => hmacToken(header, claims, key);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const es256 = `${encode({ alg: 'ES256', typ: 'at+jwt' })}.${body}`;
  return {
    forged_none: `${encode({ alg: 'none', typ: 'at+jwt' })}.${body}.`,
    forged_none_signed: `${encode({ alg: 'NoNe', typ: 'at+jwt' })}.${body}.${signature}`,
    forged_no_alg: `${encode({ typ: 'at+jwt' })}.${body}.${signature}`,
    forged_alg_list: `${encode({ alg: ['HS256'], typ: 'at+jwt' })}.${body}.${signature}`,
    forged_other_key: signed(header, claims, 'another key that is long enough for HS256: 00'),
    forged_empty_key: signed(header, claims, ''),
    forged_hs512: hmacToken({ ...header, alg: 'HS512' }, claims, secret, 'sha512'),
    forged_es256: `${es256}.${sign('sha256', Buffer.from(es256), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`,
    forged_jku: signed({ ...header, jku: 'http://127.0.0.1:9/keys' }, claims),
    forged_crit: signed({ ...header, crit: ['b64'], b64: false }, claims),
    forged_kid: signed({ ...header, kid: '../../../../dev/null' }, claims, ''),
    forged_plain_typ: signed({ ...header, typ: 'JWT' }, claims),
    forged_admin: `${head}.${encode({ ...claims, role: 'admin' })}.${signature}`,
    forged_cut: good.slice(0, -5),
    forged_flipped: `${head}.${body}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
    forged_two_parts: `${head}.${body}`,
    forged_five_parts: `${good}.${body}.${signature}`,
    forged_json_body: `${head}.${Buffer.from('[]').toString('base64url')}.${signature}`,
    forged_issuer: signed(header, { ...claims, iss: 'elsewhere' }),
    forged_audience: signed(header, { ...claims, aud: ['elsewhere'] }),
    forged_no_exp: signed(header, { ...claims, exp: undefined }),
    forged_huge_exp: signed(header, { ...claims, exp: 2 ** 53 }),
    forged_text_exp: signed(header, { ...claims, exp: '9999999999' }),
    forged_future: signed(header, { ...claims, iat: Math.floor(Date.now() / 1000) + 86_400 }),
    forged_sub: signed(header, { ...claims, sub: "1' or '1'='1" }),
    forged_sub_nul: signed(header, { ...claims, sub: `${user_id}\0` }),
    forged_sid: signed(header, { ...claims, sid: 1 }),
    forged_sid_case: signed(header, { ...claims, sid: session_id.toUpperCase() }),
    forged_type: signed(header, { ...claims, type: 'refresh' }),
    forged_array: signed(header, [claims]),
    forged_null: signed(header, null),
  };
}

function hmacToken(header: Json, claims: unknown, key: string, digest = 'sha256'): string {
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${createHmac(digest, key).update(text).digest('base64url')}`;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
