import { newId } from '../../src/app/utils/ids.ts';
import { PASSWORD, type TestApi, type TestUser } from './api.ts';
import { DEAD_MAIL_SQL, type Subjects } from './asking-operations.ts';

/**
 * What an operation is tried on. Each operation has its own, since some take away what the next one would need; by SQL, since
 * a registration costs a hash. The users have the password of `like`.
 */
export async function newSubjects(api: TestApi, like: TestUser, number: number): Promise<Subjects> {
  const newUser = (email: string) => insertUser(api, like, email);
  const [user, other] = [
    await newUser(`user-of-${number}@example.com`),
    await newUser(`other-of-${number}@example.com`),
  ];
  const [item] = await api.sql<{ id: string }>(
    `insert into kit_notes (id, title, owner_id) values (gen_random_uuid(), 'x', $1) returning id`,
    [user.id],
  );
  const mail_id = newId();
  await api.sql(DEAD_MAIL_SQL, [mail_id]);
  return {
    user: { ...user, item_id: item?.id ?? '' },
    other,
    mail_id,
    password: PASSWORD,
    new_email: `new-${number}@example.com`,
  };
}

async function insertUser(api: TestApi, like: TestUser, email: string): Promise<Omit<Subjects['user'], 'item_id'>> {
  const [row] = await api.sql<{ id: string; session_id: string; issued_at: Date; expires_at: Date }>(
    `with one as (
       insert into users (id, email, password_hash, email_verified_at)
       select gen_random_uuid(), $1, password_hash, now() from users where id = $2 returning id
     )
     insert into sessions (id, user_id, expires_at)
     select $3, id, now() + interval '30 days' from one
     returning user_id as id, id as session_id, refreshed_at as issued_at, expires_at`,
    [email, like.id, newId()],
  );
  if (row === undefined) throw new Error('no user was made');
  const { id, session_id, issued_at, expires_at } = row;
  const claims = { user_id: id, session_id, counter: 0, issued_at, expires_at };
  return { id, email, session_id, refresh_token: api.app.ctx.tokens.signRefresh(claims) };
}
