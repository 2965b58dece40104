import type { CreateFunctionStmt, DoStmt, Node } from '@libpg-query/parser';
import { type Grammar, SyntaxProblem } from '../sql/grammar.ts';
import { all, as, findAll, kindOf, texts } from './ast.ts';
import { type Catalog, type KnownFunction, resolve } from './catalog.ts';
import { builtText } from './executed/built-text.ts';
import { type Piece, piecesOf } from './executed/plpgsql.ts';
import { keyOf } from './relation.ts';

/** A statement that runs, or one that cannot be read. */
export type Step =
  | { node: Node; source: string; isConditional: boolean; isDynamic: boolean }
  | { node: undefined; isDynamic: boolean };

export interface Reading {
  grammar: Grammar;
  catalog: Catalog;
}

const CALLERS = new Set([
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'CallStmt',
  'CreateTableAsStmt',
]);
/** Changes of a table that evaluate an expression for every row. */
const WRITERS = new Set(['AT_AddColumn', 'AT_AlterColumnType']);
const DEEPEST = 8;

/** A statement and those that it runs: the body of a `DO`, those of the functions that it calls, the text of an `EXECUTE`. */
export function stepsOf(reading: Reading, { node, source }: { node: Node; source: string }): Step[] {
  return stepsFrom({ ...reading, depth: 0 }, { node, source, isConditional: false, isDynamic: false });
}

interface Deep extends Reading {
  depth: number;
}

const UNREADABLE: Step = { node: undefined, isDynamic: false };

function stepsFrom(deep: Deep, step: Extract<Step, { node: Node }>): Step[] {
  const inner = { ...deep, depth: deep.depth + 1 };
  if (inner.depth > DEEPEST) return [step];
  const block = as(step.node, 'DoStmt');
  const nested = block === undefined ? ofCalls(inner, step.node) : ofBlock(inner, block, step.source);
  return [step, ...nested.map((other) => within(other, step))];
}

function within(inner: Step, outer: Extract<Step, { node: Node }>): Step {
  const isDynamic = inner.isDynamic || outer.isDynamic;
  if (inner.node === undefined) return { node: undefined, isDynamic };
  return { ...inner, isDynamic, isConditional: inner.isConditional || outer.isConditional };
}

function ofBlock(deep: Deep, { args }: DoStmt, source: string): Step[] {
  const language = all(args, 'DefElem').find(({ defname }) => defname === 'language');
  return ofPlpgsql(deep, as(language?.arg, 'String')?.sval ?? 'plpgsql', source);
}

function ofPlpgsql(deep: Deep, language: string, source: string): Step[] {
  const tree = language === 'plpgsql' ? deep.grammar.parsePlpgsql(source) : undefined;
  return tree === undefined ? [UNREADABLE] : piecesOf(tree).flatMap((piece) => ofPiece(deep, piece));
}

function ofPiece(deep: Deep, { text, kind, isConditional }: Piece): Step[] {
  if (kind === 'dynamic')
    return ofDynamic(deep, text).map((step) => (step.node === undefined ? step : { ...step, isConditional }));
  const script = kind === 'value' ? `select ${text}` : text;
  return ofText(deep, script).flatMap((step): Step[] => {
    // A value is nothing but an expression: what is odd in it does not matter.
    if (step.node === undefined) return kind === 'value' ? [] : [step];
    return [{ ...step, isConditional: isConditional || step.isConditional }];
  });
}

function ofDynamic(deep: Deep, expression: string): Step[] {
  const [step] = parsed(deep, `select ${expression}`) ?? [];
  const target = as(as(step?.node, 'SelectStmt')?.targetList?.[0], 'ResTarget');
  const text = builtText(target?.val);
  if (text === undefined) return [UNREADABLE];
  return ofText(deep, text).map((each) => ({ ...each, isDynamic: true }));
}

function ofText(deep: Deep, script: string): Step[] {
  const statements = parsed(deep, script);
  if (statements === undefined) return [UNREADABLE];
  return statements.flatMap(({ node, source }) =>
    stepsFrom(deep, { node, source, isConditional: false, isDynamic: false }),
  );
}

function parsed({ grammar }: Deep, script: string): { node: Node; source: string }[] | undefined {
  try {
    return grammar.parse(script).map(({ node, start, end }) => ({ node, source: script.slice(start, end) }));
  } catch (error) {
    if (error instanceof SyntaxProblem) return undefined;
    throw error;
  }
}

/** The bodies of the functions that a statement calls, as far as the revisions made them. */
function ofCalls(deep: Deep, node: Node): Step[] {
  if (deep.catalog.functions.size === 0) return [];
  const names = callersIn(node).flatMap((caller) => findAll(caller, 'FuncCall').map(({ funcname }) => texts(funcname)));
  const direct = as(node, 'CallStmt')?.funccall;
  if (direct !== undefined) names.push(texts(direct.funcname));
  return names
    .flatMap((name) => deep.catalog.functions.get(keyOf(resolve(deep.catalog, name))) ?? [])
    .flatMap((called) => ofFunction(deep, called));
}

/** The parts of a statement that are evaluated when it runs: of a change of a table those that write its rows. */
function callersIn(node: Node): Node[] {
  if (CALLERS.has(kindOf(node))) return [node];
  const changes = all(as(node, 'AlterTableStmt')?.cmds, 'AlterTableCmd');
  return changes.flatMap(({ subtype, def }) => (def !== undefined && WRITERS.has(subtype ?? '') ? [def] : []));
}

function ofFunction(deep: Deep, { statement, source }: KnownFunction): Step[] {
  const language = optionText(statement, 'language') ?? 'sql';
  if (statement.sql_body !== undefined) return ofSqlBody(deep, statement.sql_body, source);
  if (language !== 'sql') return ofPlpgsql(deep, language, source);
  return ofText(deep, optionText(statement, 'as') ?? '');
}

function ofSqlBody(deep: Deep, body: Node, source: string): Step[] {
  const items = as(body, 'List')?.items ?? [];
  const nodes = items.flatMap((item) => as(item, 'List')?.items ?? [item]);
  return nodes.flatMap((node) => stepsFrom(deep, { node, source, isConditional: false, isDynamic: false }));
}

function optionText({ options }: CreateFunctionStmt, name: string): string | undefined {
  const value = all(options, 'DefElem').find(({ defname }) => defname === name)?.arg;
  return as(value, 'String')?.sval ?? texts(as(value, 'List')?.items)[0];
}
