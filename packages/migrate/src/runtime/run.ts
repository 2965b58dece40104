import type pg from 'pg';
import type { Graph } from '../script/graph.ts';
import type { Direction, Revision, Script } from '../script/revisions.ts';
import type { SessionSetting } from './session.ts';
import type { Opening } from './transaction.ts';

/** One revision applied or reverted, with the time that it took. */
export interface Step {
  direction: Direction;
  revision: Revision;
  duration_ms: number;
}

/** What a run needs to know beside the revision. */
export interface RunContext {
  graph: Graph;
  schema: string;
  recordsTable: string;
  client: pg.Client;
  /** What the session had before: it has it again after each revision. */
  session: readonly SessionSetting[];
  /** The revisions that an earlier run has begun and not come to the end of. */
  unfinished: ReadonlySet<string>;
  /** A second connection, for revisions that cannot be in one transaction; the runner ends it. */
  connect: () => Promise<pg.Client>;
  /** Told in a sentence when the run has to wait. */
  onWait?: ((reason: string) => void) | undefined;
}

/** One direction of one revision. */
export interface Run {
  revision: Revision;
  direction: Direction;
  script: Script;
}

/** A revision that was read and may run. */
export interface Prepared extends Run {
  /** Begins its transaction; `undefined` if it runs part by part. */
  opening: Opening | undefined;
}

/** Statements that go together: into one transaction, or a single one that runs alone. */
export interface Segment {
  alone: boolean;
  /** Index of its first statement, and of the one after its last. */
  from: number;
  to: number;
}
