import { and, type SQL, sql } from 'drizzle-orm';
import type { RequestContext } from '../../../context.ts';
import { publicUserColumns, type User, users, userWords } from '../../../models/auth/users.ts';
import { contains, hasWords, wordsIn } from '../../../utils/filters.ts';
import { DEFAULT_LIMIT, newestFirst, type Page, type PageRequest, paginate } from '../../../utils/pages.ts';

type Search = PageRequest & { q: string };

/** Accounts that are looked at one by one, the newest of a page first. */
const NEWEST = 5000;
/** Words that PostgreSQL's parser does not part any further. */
const PLAIN = /^[\p{Script=Latin}\d]+$/u;
const order = newestFirst(users.id);

/**
 * Users, newest first, whose address and name have words that begin with the words of `q`. A word of many accounts fills a
 * page from the newest ones; for another one the index gives all that match, which are few, and they are sorted.
 */
export async function search(ctx: RequestContext, request: Search, where: SQL | undefined): Promise<Page<User>> {
  const matching = and(where, hasWords(userWords)(request.q));
  const read = (condition: SQL): Promise<Page<User>> =>
    paginate(ctx.db.select(publicUserColumns).from(users), request, { where: condition, order });
  const later = request.cursor === undefined ? undefined : order.follows(request.cursor);
  const newest = sql`select * from ${users} where ${later ?? sql`true`} order by id desc limit ${NEWEST}`;
  const page = await read(isAmong(newest, and(matching, ...cheapSigns(request)), request));
  if (page.next_cursor !== null) return page;
  // `offset 0` keeps the planner from reading all accounts in their order until enough match.
  const found = sql`select * from ${users} where ${and(matching, later)} offset 0`;
  return read(isAmong(found, undefined, request));
}

/** One of the first rows of a selection of users that match. */
function isAmong(selection: SQL, matching: SQL | undefined, { limit = DEFAULT_LIMIT }: Search): SQL {
  const first = sql`select id from (${selection}) as users where ${matching ?? sql`true`} order by id desc limit ${limit + 1}`;
  return sql`${users.id} = any(array(${first}))`;
}

/** What every match has, and what takes a tenth of the time: most accounts are ruled out by it. */
function cheapSigns({ q }: Search): SQL[] {
  return wordsIn(q)
    .filter((word) => PLAIN.test(word))
    .map(contains(userWords));
}
