/** Accounts of which something is missing; each was registered once as `new-…` and never used again. */
export const HALF_ACCOUNTS = `
  select email from users where email like 'new-%' and (
    password_hash is null
    or (select count(*) from sessions where user_id = users.id) <> 1
    or (select count(*) from audit_events where subject_id = users.id and event = 'user.registered') <> 1
    or (select count(*) from audit_events where subject_id = users.id and event = 'session.started') <> 1
  )`;

/** Sessions and items of nobody. */
export const STRAYS = `
  select id from sessions where not exists (select from users where users.id = user_id)
  union all select id from kit_notes where not exists (select from users where users.id = owner_id)`;

/** Of the ids of items in $1, those that are not there. */
export const LOST_ITEMS =
  'select id from unnest($1::uuid[]) as id where not exists (select from kit_notes where kit_notes.id = id.id)';

/** Of the addresses in $1, those that have no account. */
export const LOST_ACCOUNTS =
  'select email from unnest($1::text[]) as email where not exists (select from users where users.email = email.email)';
