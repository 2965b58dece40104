import type { Node } from '@libpg-query/parser';
import type { Grammar } from '../sql/grammar.ts';
import { apply } from './apply.ts';
import { type Catalog, isNew } from './catalog.ts';
import { stepsOf } from './executed.ts';
import type { Judgement, Scene } from './judge/scene.ts';
import { judge } from './judge.ts';
import { strengthOf, type TakenLock } from './locks.ts';
import { keyOf } from './relation.ts';
import { locksOf } from './statement-locks.ts';

/** What a statement does. */
export interface Examined {
  judgements: Judgement[];
  /** On relations that are in use. */
  locks: TakenLock[];
}

/** Judges a statement and all that it runs; the scene's catalog knows afterwards what it changed. */
export function examine(
  statement: { node: Node; source: string },
  { scene, grammar }: { scene: Omit<Scene, 'isConditional'>; grammar: Grammar },
): Examined {
  const { catalog } = scene;
  const judgements: Judgement[] = [];
  const locks: TakenLock[] = [];
  let isOpaque = false;
  for (const step of stepsOf({ grammar, catalog }, statement)) {
    if (step.node === undefined) {
      isOpaque = true;
      continue;
    }
    const { node, source, isConditional, isDynamic } = step;
    const taken = locksOf(node, catalog).filter(({ relation }) => !isNew(catalog, relation));
    const found = judge(node, { ...scene, isConditional });
    if (found.length > 0 && isDynamic) isOpaque = true;
    judgements.push(...found);
    locks.push(...taken);
    hold(catalog, taken);
    if (!isConditional) apply(node, catalog, source);
  }
  if (isOpaque) judgements.push({ rule: 'cannot-see' });
  return { judgements, locks };
}

function hold({ held }: Catalog, locks: readonly TakenLock[]): void {
  for (const { relation, level } of locks) {
    const key = keyOf(relation);
    held.set(key, Math.max(held.get(key) ?? 0, strengthOf(level)));
  }
}
