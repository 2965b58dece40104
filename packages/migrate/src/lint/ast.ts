import type { Node } from '@libpg-query/parser';

export type NodeKind = Node extends infer Each ? (Each extends unknown ? keyof Each : never) : never;
/** What a node of a kind holds. */
export type Body<Kind extends NodeKind> = Node extends infer Each
  ? Each extends { [Key in Kind]: infer Held }
    ? Held
    : never
  : never;

/** The node's body if it is of the kind. */
export function as<Kind extends NodeKind>(node: Node | undefined, kind: Kind): Body<Kind> | undefined {
  // A node is an object with one key, its kind; the type says so only for a literal key.
  return node === undefined ? undefined : (node as unknown as { [Key in Kind]?: Body<Kind> })[kind];
}

/** The node's kind. */
export function kindOf(node: Node): NodeKind {
  // See above.
  return Object.keys(node)[0] as NodeKind;
}

/** The bodies of the nodes of a kind. */
export function all<Kind extends NodeKind>(nodes: readonly Node[] | undefined, kind: Kind): Body<Kind>[] {
  return (nodes ?? []).flatMap((node) => as(node, kind) ?? []);
}

/** The texts of a list of `String` nodes, such as the parts of a name. */
export function texts(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).map((node) => as(node, 'String')?.sval ?? '');
}

/** Each node inside a tree, outer ones first; `visit` returns false for a node that is not to be entered. */
export function walk(tree: unknown, visit: (node: Node, kind: NodeKind) => boolean | undefined): void {
  if (Array.isArray(tree)) {
    for (const item of tree) walk(item, visit);
    return;
  }
  if (typeof tree !== 'object' || tree === null) return;
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value !== 'object' || value === null) continue;
    // Only the kind of a node begins with a capital.
    if (/^[A-Z]/.test(key) && visit(tree as Node, key as NodeKind) === false) continue;
    walk(value, visit);
  }
}

/** The bodies of a kind inside a tree. */
export function findAll<Kind extends NodeKind>(tree: unknown, kind: Kind): Body<Kind>[] {
  const found: Body<Kind>[] = [];
  walk(tree, (node) => {
    const body = as(node, kind);
    if (body !== undefined) found.push(body);
    return undefined;
  });
  return found;
}

/** The columns that an expression speaks of, by their bare names. */
export function columnsIn(tree: unknown): string[] {
  return findAll(tree, 'ColumnRef').map(({ fields }) => texts(fields).at(-1) ?? '');
}

/** The value of an option in a list, such as `full` of `VACUUM (FULL)`; `undefined` if it is not there or switched off. */
export function optionOf(options: readonly Node[] | undefined, name: string): true | undefined {
  const option = all(options, 'DefElem').findLast(({ defname }) => defname === name);
  if (option === undefined) return undefined;
  if (option.arg === undefined) return true;
  const value = as(option.arg, 'String')?.sval ?? as(option.arg, 'Boolean')?.boolval ?? as(option.arg, 'Integer')?.ival;
  return value === undefined || value === 'false' || value === 'off' || value === 0 || value === false
    ? undefined
    : true;
}
