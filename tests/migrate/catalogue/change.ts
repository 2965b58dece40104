/** One change of the models, on tables that hold rows: autogenerate has to find the way there and back. */
export interface Change {
  name: string;
  before: Record<string, unknown>;
  after: Record<string, unknown>;
  /** What is declared as SQL beside the models. */
  objects?: Record<'before' | 'after', Readonly<Record<string, { create: string; drop: string }>>>;
  /** `old:new`, as the command line takes them. */
  rename?: readonly string[];
  /** Names that are really new. */
  create?: readonly string[];
  /** Rows at the state before. */
  rows?: string;
  /** Why the rows cannot come back the same; without it they have to. */
  loses?: string;
  /** Why a row that was written in the new state is taken back before the way back. */
  written?: string;
  /** Columns step aside and come back in another place. */
  moves?: boolean;
  /** SQL that both states stand on, which the models do not describe. */
  given?: string;
}
