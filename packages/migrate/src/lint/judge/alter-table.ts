import type { AlterTableCmd, AlterTableStmt } from '@libpg-query/parser';
import { applyCommand } from '../apply/alter-table.ts';
import { all, as } from '../ast.ts';
import { type Catalog, columnOf, relationOf } from '../catalog.ts';
import { provesNotNull } from '../expressions/implies.ts';
import { BLOCKS_WRITES, strengthOf } from '../locks.ts';
import { keyOf, quoted, type Relation } from '../relation.ts';
import { commandLock } from '../statement-locks/alter-table.ts';
import { judgeNewColumn } from './column.ts';
import { judgeNewConstraint } from './constraint.ts';
import { judgeAttach } from './partition.ts';
import type { Judgement, Scene } from './scene.ts';
import { judgeTypeChange } from './type.ts';

/** What `ALTER TABLE` (and `ALTER INDEX`, `ALTER TYPE` …) does, and what is known of the table after it. */
export function judgeAlterTable(statement: AlterTableStmt, scene: Scene): Judgement[] {
  const { catalog } = scene;
  const relation = relationOf(catalog, statement.relation);
  const commands = all(statement.cmds, 'AlterTableCmd');
  const strongest = Math.max(...commands.map((command) => strengthOf(commandLock(command, statement))), 0);
  const found = new Map<AlterTableCmd, Judgement[]>();
  for (const command of inOrder(commands)) {
    found.set(command, judgeCommand(command, { statement, relation, catalog, strongest }));
    applyCommand(catalog, { relation, command, isConditional: scene.isConditional });
  }
  return commands.flatMap((command) => found.get(command) ?? []);
}

interface Around {
  statement: AlterTableStmt;
  relation: Relation;
  catalog: Catalog;
  /** The strongest lock of the statement. */
  strongest: number;
}

/** PostgreSQL runs the commands of one statement in passes, in whichever order they are written. */
function inOrder(commands: readonly AlterTableCmd[]): AlterTableCmd[] {
  const passes: (AlterTableCmd['subtype'] | undefined)[][] = [
    ['AT_DropColumn', 'AT_DropConstraint', 'AT_DropNotNull', 'AT_DropExpression', 'AT_DropIdentity'],
    ['AT_AlterColumnType'],
    ['AT_AddColumn'],
    ['AT_SetExpression'],
    ['AT_AddConstraint'],
    ['AT_SetNotNull'],
  ];
  const passOf = ({ subtype }: AlterTableCmd): number => {
    const pass = passes.findIndex((each) => each.includes(subtype));
    return pass === -1 ? passes.length : pass;
  };
  return [...commands].sort((one, other) => passOf(one) - passOf(other));
}

function judgeCommand(command: AlterTableCmd, around: Around): Judgement[] {
  const { relation, catalog, statement } = around;
  const { subtype, def, name = '' } = command;
  const column = quoted(name);
  switch (subtype) {
    case 'AT_AddColumn': {
      const definition = as(def, 'ColumnDef');
      return definition === undefined || statement.objtype === 'OBJECT_TYPE'
        ? []
        : judgeNewColumn(definition, relation, catalog);
    }
    case 'AT_AddConstraint': {
      const constraint = as(def, 'Constraint');
      return constraint === undefined ? [] : judgeNewConstraint(constraint, relation, catalog);
    }
    case 'AT_DropColumn':
      return isAddedHere(catalog, relation, name) ? [] : [{ rule: 'drops-column', relation, column }];
    case 'AT_DropConstraint':
      return command.behavior === 'DROP_CASCADE' ? [{ rule: 'drops-dependents', relation, name: column }] : [];
    case 'AT_AlterColumnType':
      if (isAddedHere(catalog, relation, name)) return [];
      return statement.objtype === 'OBJECT_TYPE' ? [] : judgeTypeChange(command, relation, catalog);
    case 'AT_SetNotNull':
      return isProvedNotNull(catalog, relation, name)
        ? []
        : [{ rule: 'not-null-scans', relation, column, name: quoted(`${name}_not_null`) }];
    case 'AT_SetExpression':
      return [{ rule: 'table-rewrites', relation, column }];
    case 'AT_SetLogged':
    case 'AT_SetUnLogged':
    case 'AT_SetTableSpace':
    case 'AT_SetAccessMethod':
      return isAlreadySo(command, around) ? [] : [{ rule: 'table-rewrites', relation }];
    case 'AT_ValidateConstraint':
      return judgeValidation(column, around);
    case 'AT_AttachPartition':
      return statement.objtype === 'OBJECT_TABLE' ? judgeAttach(command, relation, catalog) : [];
    default:
      return [];
  }
}

function isAddedHere(catalog: Catalog, relation: Relation, column: string): boolean {
  return columnOf(catalog, relation, column)?.added_in === catalog.revision;
}

function isProvedNotNull(catalog: Catalog, relation: Relation, column: string): boolean {
  if (columnOf(catalog, relation, column)?.is_not_null === true) return true;
  const checks = [...(catalog.relations.get(keyOf(relation))?.checks.values() ?? [])];
  return checks.some(({ is_validated, expression }) => is_validated && provesNotNull(expression, column));
}

/** PostgreSQL sees that nothing is to be done; only a table that is known from its making on tells. */
function isAlreadySo({ subtype, name }: AlterTableCmd, { catalog, relation, statement }: Around): boolean {
  const known = catalog.relations.get(keyOf(relation));
  if (known?.is_whole !== true || statement.objtype !== 'OBJECT_TABLE') return false;
  if (subtype === 'AT_SetLogged') return known.is_logged;
  if (subtype === 'AT_SetUnLogged') return !known.is_logged;
  return subtype === 'AT_SetAccessMethod' && name === (known.access_method ?? 'heap');
}

function judgeValidation(name: string, { catalog, relation, strongest }: Around): Judgement[] {
  const held = Math.max(catalog.held.get(keyOf(relation)) ?? 0, strongest);
  return held >= BLOCKS_WRITES ? [{ rule: 'validated-under-lock', relation, name }] : [];
}
