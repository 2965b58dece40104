/** A passkey of the account `$1`, with which nobody signs in. */
export const PASSKEY_SQL = `insert into passkeys (id, user_id, credential_id, public_key, name, transports, counter, is_synced, backed_up)
  values (gen_random_uuid(), $1, 'credential', 'key', 'A key', '{internal}', 0, true, true)`;

/** An account of a provider that is linked to the account `$1`. */
export const IDENTITY_SQL = `insert into identities (id, user_id, provider, issuer, subject, email)
  values (gen_random_uuid(), $1, 'google', 'https://accounts.google.com', '110169484474386276334', 'kj@gmail.com')`;
