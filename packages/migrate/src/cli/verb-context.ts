import type { Command } from 'commander';
import type { Migrator, MigratorOptions } from '../migrator.ts';

/** What a verb is told of the program that it belongs to. */
export interface VerbContext {
  /** What a person types before the verb. */
  command: string;
  /** The project's migrator, made when the verb runs. */
  open: (listeners?: Pick<MigratorOptions, 'onStep' | 'onWait'>) => Promise<Migrator>;
}

/** Adds a verb to a program. */
export type RegisterVerb = (program: Command, context: VerbContext) => void;
