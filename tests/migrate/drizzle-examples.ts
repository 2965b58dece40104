/** Models of the kinds that drizzle's documentation shows, written anew: by the file that declares them. */
export const DRIZZLE_EXAMPLES: Readonly<Record<string, string>> = {
  'blog.ts': `import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, pgTable, serial, text, timestamp, uniqueIndex, varchar } from 'drizzle-orm/pg-core';

const dates = {
  created_at: timestamp().defaultNow().notNull(),
  updated_at: timestamp(),
};

export const usersTable = pgTable('users_table', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  name: varchar({ length: 255 }).notNull(),
  age: integer().notNull(),
  email: varchar({ length: 255 }).notNull().unique(),
  invited_by: integer(),
  ...dates,
}, (table) => [
  check('age_is_positive', sql\`\${table.age} > 0\`),
  uniqueIndex('lower_email').on(sql\`lower(\${table.email})\`),
]);

export const postsTable = pgTable('posts_table', {
  id: serial().primaryKey(),
  title: text().notNull().default("the author's draft"),
  content: text(),
  published: boolean().default(false),
  user_id: integer().notNull().references(() => usersTable.id, { onDelete: 'cascade' }),
  ...dates,
}, (table) => [index('published_posts').on(table.user_id, table.created_at.desc()).where(sql\`\${table.published}\`)]);
`,
  'groups.ts': `import { type AnyPgColumn, foreignKey, integer, pgTable, primaryKey, serial, text, unique } from 'drizzle-orm/pg-core';
import { usersTable } from './blog.ts';

export const groups = pgTable('groups', {
  id: serial().primaryKey(),
  name: text().unique('group_name', { nulls: 'not distinct' }),
  parent_id: integer().references((): AnyPgColumn => groups.id),
});

export const usersToGroups = pgTable('users_to_groups', {
  user_id: integer().notNull().references(() => usersTable.id),
  group_id: integer().notNull(),
}, (table) => [
  primaryKey({ columns: [table.user_id, table.group_id] }),
  foreignKey({ name: 'to_group', columns: [table.group_id], foreignColumns: [groups.id] }).onDelete('cascade'),
  unique('pair').on(table.group_id, table.user_id),
]);
`,
  'moods.ts': `import { type SQL, sql } from 'drizzle-orm';
import { char, customType, date, interval, jsonb, numeric, pgEnum, pgSchema, pgSequence, pgTable, text, uuid } from 'drizzle-orm/pg-core';

export const mood = pgEnum('mood', ['sad', 'ok', 'happy']);
export const numbers = pgSequence('order_numbers', { startWith: 100, increment: 10, cache: 5 });
export const shop = pgSchema('shop');
export const color = shop.enum('color', ['red', 'green']);
const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' });

export const diary = pgTable('diary', {
  id: uuid().primaryKey().defaultRandom(),
  current: mood().notNull().default('ok'),
  past: mood().array().default([]),
  day: date().defaultNow(),
  length: interval().default('1 day'),
  note: text().default(''),
  search: tsvector().generatedAlwaysAs((): SQL => sql\`to_tsvector('english', \${diary.note})\`),
});

export const orders = shop.table('orders', {
  number: numeric({ precision: 12, scale: 0 }).primaryKey().default(sql\`nextval('order_numbers')\`),
  currency: char({ length: 3 }).notNull().default('EUR'),
  price: numeric({ precision: 10, scale: 2 }).notNull(),
  details: jsonb().$type<{ color: string }>().default({ color: 'red' }),
  color: color().default('red'),
});
`,
  'views.ts': `import { eq, sql } from 'drizzle-orm';
import { integer, pgMaterializedView, pgView, text } from 'drizzle-orm/pg-core';
import { postsTable, usersTable } from './blog.ts';

export const publishedPosts = pgView('published_posts_view').as((query) =>
  query.select({ id: postsTable.id, title: postsTable.title, user_id: postsTable.user_id }).from(postsTable).where(eq(postsTable.published, true)));

export const authors = pgView('authors_view').with({ securityInvoker: true }).as((query) =>
  query.select({ name: usersTable.name, title: publishedPosts.title }).from(usersTable).innerJoin(publishedPosts, eq(publishedPosts.user_id, usersTable.id)));

export const postCounts = pgMaterializedView('post_counts', { user_id: integer(), count: integer(), names: text() })
  .as(sql\`select \${postsTable.user_id}, count(*)::int as count, string_agg(\${postsTable.title}, ',') as names from \${postsTable} group by \${postsTable.user_id}\`);
`,
  'rows.ts': `import { sql } from 'drizzle-orm';
import { integer, pgPolicy, pgRole, pgTable, text } from 'drizzle-orm/pg-core';

export const monitor = pgRole('pg_monitor').existing();

export const secrets = pgTable('secrets', { id: integer().primaryKey(), owner: text().notNull() }, (table) => [
  pgPolicy('owners', { as: 'permissive', for: 'all', to: 'public', using: sql\`\${table.owner} = current_user\`, withCheck: sql\`true\` }),
]);

export const watching = pgPolicy('watching', { for: 'select', to: monitor, using: sql\`true\` }).link(secrets);
`,
  'relations.ts': `import { defineRelations } from 'drizzle-orm';
import { postsTable, usersTable } from './blog.ts';
import { groups, usersToGroups } from './groups.ts';

export const relations = defineRelations({ usersTable, postsTable, groups, usersToGroups }, (to) => ({
  usersTable: {
    posts: to.many.postsTable({ from: to.usersTable.id, to: to.postsTable.user_id }),
    groups: to.many.groups({ from: to.usersTable.id.through(to.usersToGroups.user_id), to: to.groups.id.through(to.usersToGroups.group_id) }),
  },
}));
`,
  'index.ts': `export * from './blog.ts';
export * from './groups.ts';
export * from './moods.ts';
export * from './relations.ts';
export * from './rows.ts';
export * from './views.ts';
`,
};

/** Rows that use the defaults, the numbers and the keys of all of them. */
export const EXAMPLE_ROWS = `
  insert into users_table (name, age, email) values ('Ann', 30, 'ann@example.com');
  insert into posts_table (user_id, published) select id, true from users_table;
  insert into groups (name) values (null);
  insert into users_to_groups select users_table.id, groups.id from users_table, groups;
  insert into diary (note) values ('a long day');
  insert into shop.orders (price) values (9.99), (1);
  insert into secrets values (1, 'ann');
  refresh materialized view post_counts;
`;
