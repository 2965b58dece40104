/**
 * What a model cannot describe (a trigger, a function, a covering index, a comment), as the SQL that makes it and the SQL that
 * takes it away. Made in the order given, taken away in the reverse one; a changed one is taken away and made anew.
 */
export type DeclaredObjects = Readonly<Record<string, { readonly create: string; readonly drop: string }>>;

/** The statements around the tables' own: what goes first, what comes last. */
export function objectChanges(before: DeclaredObjects, after: DeclaredObjects): { drops: string[]; creates: string[] } {
  const isSame = (name: string): boolean => before[name]?.create === after[name]?.create;
  const drops = Object.keys(before).filter((name) => !isSame(name));
  const creates = Object.keys(after).filter((name) => !isSame(name));
  return {
    drops: drops.reverse().map((name) => (before[name]?.drop ?? '').trim()),
    creates: creates.map((name) => (after[name]?.create ?? '').trim()),
  };
}

/** True where the statement would take away what one of the objects has made. */
export function isOfObject(statement: string, objects: DeclaredObjects): boolean {
  const name = /\bDROP (?:INDEX|CONSTRAINT|POLICY|(?:MATERIALIZED )?VIEW|SEQUENCE|TABLE|TYPE)\b.*"([^"]+)"/s.exec(
    statement,
  )?.[1];
  if (name === undefined) return false;
  return Object.values(objects).some(({ create }) => create.split(/[^\p{L}\p{N}_$]+/u).includes(name));
}
