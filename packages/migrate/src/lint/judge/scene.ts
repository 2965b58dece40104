import type { Node } from '@libpg-query/parser';
import type { Catalog } from '../catalog.ts';
import type { Relation } from '../relation.ts';
import type { RuleName } from '../rules.ts';

/** What a statement meets. */
export interface Scene {
  /** The schema before the statement. */
  catalog: Catalog;
  /** The statements behind it that run in the same transaction. */
  laterInTransaction: readonly Node[];
  /** It may not run, since it stands in an IF, a loop or a block that catches errors. */
  isConditional: boolean;
}

/** A rule that a statement breaks. */
export interface Judgement {
  rule: RuleName;
  /** What it is about; `table` if that is no relation with a name. */
  relation?: Relation | undefined;
  table?: string | undefined;
  /** Names for the recipe, as SQL needs them. */
  column?: string | undefined;
  name?: string | undefined;
  /** In place of the rule's own. */
  why?: string;
}
