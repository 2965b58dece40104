import { bigint, bytea, pgTable, primaryKey, smallint } from 'drizzle-orm/pg-core';

const link = () => ({
  chain: smallint().notNull(),
  seq: bigint({ mode: 'number' }).notNull(),
  hash: bytea().notNull(),
});

/** The last link of each chain. Connections spread over the chains, so that commits seldom wait for each other. */
export const auditChains = pgTable('audit_chains', link(), (table) => [
  primaryKey({ name: 'audit_chains_pkey', columns: [table.chain, table.seq] }),
]);

/** The last links of expired partitions: verification continues a chain from them. */
export const auditCuts = pgTable('audit_cuts', link(), (table) => [
  primaryKey({ name: 'audit_cuts_pkey', columns: [table.chain, table.seq] }),
]);
