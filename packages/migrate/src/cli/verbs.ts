import type { RegisterVerb } from './verb-context.ts';

export type { RegisterVerb, VerbContext } from './verb-context.ts';

/**
 * Every verb and the file that knows it, in the order of the help; a program loads only the one that is asked for.
 *
 * @example
 * const register = await VERBS.upgrade();
 * register(program, { command: 'npx shop', open: async (listeners) => createMigrator({ ...options, ...listeners }) });
 */
export const VERBS = {
  upgrade: async () => (await import('./upgrade.ts')).registerUpgrade,
  downgrade: async () => (await import('./downgrade.ts')).registerDowngrade,
  current: async () => (await import('./current.ts')).registerCurrent,
  history: async () => (await import('./history.ts')).registerHistory,
  revision: async () => (await import('./revision.ts')).registerRevision,
  heads: async () => (await import('./heads.ts')).registerHeads,
  branches: async () => (await import('./branches.ts')).registerBranches,
  show: async () => (await import('./show.ts')).registerShow,
  merge: async () => (await import('./merge.ts')).registerMerge,
  stamp: async () => (await import('./stamp.ts')).registerStamp,
  lint: async () => (await import('./lint.ts')).registerLint,
  check: async () => (await import('./check.ts')).registerCheck,
  edit: async () => (await import('./edit.ts')).registerEdit,
  adopt: async () => (await import('./adopt.ts')).registerAdopt,
  'ensure-version': async () => (await import('./ensure-version.ts')).registerEnsureVersion,
} satisfies Record<string, () => Promise<RegisterVerb>>;
