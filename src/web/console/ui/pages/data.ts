import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { type Call, send } from '../api.ts';
import { el, h } from '../el.ts';
import { useCall } from '../load.ts';
import { Answer, Empty } from '../parts/answer.ts';
import { asCurl } from '../parts/curl.ts';
import { type Action, ActionDialog } from '../parts/dialog.ts';
import { Choice, SearchBox } from '../parts/filters.ts';
import { type Field, Form, type Values } from '../parts/form.ts';
import { Head } from '../parts/head.ts';
import { type Page, PagedTable } from '../parts/table.ts';
import { toast } from '../parts/toasts.ts';
import { Facts } from '../parts/words.ts';
import { go, hrefOf, query } from '../place.ts';
import { labelOf, nameOf, type Resource, type Row, resources, typeOf, wordOf } from '../resources.ts';
import { USERS } from './data/references.ts';
import { bodyOf, fieldsOf, shown, titleOf } from './data/values.ts';

/** Shows a view of the resource that the address names, once the resources are known. */
function WithResource({ name, children }: { name: string; children: (resource: Resource) => VNode }): VNode {
  if (resources.value === undefined) return h(Head, { title: 'Data' });
  const found = resources.value.find((resource) => nameOf(resource) === name);
  if (found !== undefined) return children(found);
  return el.div(
    null,
    h(Head, { title: 'Data' }),
    h(Empty, {
      text: `The product has no table ${name} that the console may show.`,
      command: `npx back generate resource ${name}`,
    }),
  );
}

export const DataList = ({ name = '' }: { name?: string }): VNode =>
  h(WithResource, { name, children: (resource) => h(List, { key: name, resource }) });
export const DataNew = ({ name = '' }: { name?: string }): VNode =>
  h(WithResource, { name, children: (resource) => h(New, { key: name, resource }) });
export const DataRow = ({ name = '', id = '' }: { name?: string; id?: string }): VNode =>
  h(WithResource, { name, children: (resource) => h(One, { key: `${name}/${id}`, resource, id }) });

function List({ resource }: { resource: Resource }): VNode {
  const given = Object.fromEntries(query.value);
  const call: Call = { method: 'GET', path: resource.path, query: { limit: '50', ...given } };
  const loaded = useCall<Page<Row>>(call);
  const view = `/data/${nameOf(resource)}`;
  const { properties } = resource.row;
  return el.div(
    null,
    h(Head, {
      title: resource.title,
      ...(resource.create !== null && {
        actions: el.a({ class: 'button primary', href: hrefOf(`${view}/new`) }, 'Add one'),
      }),
    }),
    resource.filters.length > 0 &&
      el.div(
        { class: 'filters' },
        resource.filters.map((filter) => h(Filter, { key: filter.name, ...filter })),
      ),
    h(PagedTable<Row>, {
      ...{ loaded, call, caption: resource.title },
      columns: resource.columns.map((name, index) => ({
        name: titleOf(name),
        minor: index > 2,
        cell: (row: Row) => (index === 0 ? String(row[name] ?? '–') : shown(name, row[name], properties[name])),
      })),
      keyOf: ({ id }) => id,
      ...(resource.can_read && { hrefOf: ({ id }: Row) => hrefOf(`${view}/${id}`) }),
      empty: Object.keys(given).length > 0 ? 'No row is like that.' : 'There is no row yet.',
      ...(Object.keys(given).length === 0 && { command: 'npx back seed' }),
    }),
  );
}

function Filter({ name, schema }: Resource['filters'][number]): VNode {
  const words = schema.enum ?? (typeOf(schema) === 'boolean' ? ['true', 'false'] : []);
  if (words.length === 0)
    return h(SearchBox, { name, label: name === 'q' ? 'Find' : `Find by ${wordOf(name).toLowerCase()}` });
  return h(Choice, { name, label: wordOf(name), choices: words.map((word) => [String(word), String(word)] as const) });
}

const OWNER: Field = {
  ...{ name: 'owner_id', label: 'Owner', type: 'reference', finder: USERS },
  help: 'Without one it is yours.',
};

function New({ resource }: { resource: Resource }): VNode {
  const { create, title } = resource;
  const { can_own } = resource.recorded;
  const up = [title, hrefOf(`/data/${nameOf(resource)}`)] as const;
  if (create === null) return h(Head, { title: 'Not possible', up });
  const callOf = (values: Values): Call => {
    const owner = can_own && values.owner_id ? { owner_id: values.owner_id } : {};
    return write(resource, 'POST', { body: { ...owner, ...bodyOf(create, values, undefined) } });
  };
  return el.div(
    null,
    h(Head, { title: `Add to ${title}`, up }),
    el.div(
      { class: 'narrow' },
      h(Form, {
        fields: [...(can_own ? [OWNER] : []), ...fieldsOf(create, undefined)],
        submit: 'Add',
        callOf,
        onSubmit: async (values) => {
          const row = await send<Row>(callOf(values));
          toast('It is added');
          go(hrefOf(resource.can_read ? `/data/${nameOf(resource)}/${row.id}` : `/data/${nameOf(resource)}`));
        },
      }),
    ),
  );
}

/** The call that changes a row: recorded, if the console knows its service. */
function write(
  { path, recorded }: Resource,
  method: 'POST' | 'PATCH' | 'DELETE',
  { id, body }: { id?: string; body?: object },
): Call {
  const base = recorded.methods.includes(method) ? `/console/rows${path}` : path;
  return { method, path: id === undefined ? base : `${base}/${id}`, ...(body && { body }) };
}

function One({ resource, id }: { resource: Resource; id: string }): VNode {
  const call: Call = { method: 'GET', path: `${resource.path}/${id}` };
  const loaded = useCall<Row>(call);
  const [action, setAction] = useState<Action>();
  const up = [resource.title, hrefOf(`/data/${nameOf(resource)}`)] as const;
  const title = loaded.data === undefined ? 'Row' : String(loaded.data[labelOf(resource)] ?? id);
  const remove = (): void => setAction(deletion(resource, { id, title }));
  return el.div(
    null,
    h(Head, {
      ...{ title, up },
      ...(resource.can_delete && {
        actions: el.button({ type: 'button', class: 'danger', onClick: remove }, 'Delete…'),
      }),
    }),
    h(Answer<Row>, {
      loaded,
      children: (row) =>
        el.div(
          { class: 'columns' },
          el.div(
            null,
            resource.update === null
              ? null
              : h(Change, { key: JSON.stringify(row), resource, row, onDone: loaded.reload }),
          ),
          el.div(
            null,
            h(Facts, {
              facts: Object.entries(resource.row.properties)
                .filter(([name]) => !(name in (resource.update?.properties ?? {})))
                .map(([name, schema]) => [titleOf(name), shown(name, row[name], schema)] as const),
            }),
            asCurl(call),
          ),
        ),
    }),
    action !== undefined && h(ActionDialog, { action, onClose: () => setAction(undefined) }),
  );
}

function Change({ resource, row, onDone }: { resource: Resource; row: Row; onDone: () => void }): VNode {
  const schema = resource.update ?? { properties: {}, required: [] };
  const callOf = (values: Values): Call => write(resource, 'PATCH', { id: row.id, body: bodyOf(schema, values, row) });
  return h(Form, {
    fields: fieldsOf(schema, row),
    submit: 'Save',
    callOf,
    onSubmit: async (values) => {
      const call = callOf(values);
      if (Object.keys(call.body as object).length === 0) return toast('Nothing is changed');
      const undo = Object.fromEntries(Object.keys(call.body as object).map((name) => [name, row[name] ?? null]));
      await send(call);
      toast('The changes are saved', { undo: () => void send({ ...call, body: undo }).then(onDone) });
      onDone();
    },
  });
}

function deletion(resource: Resource, { id, title }: { id: string; title: string }): Action {
  return {
    title: `Delete ${title}`,
    text: 'Nothing brings it back.',
    submit: 'Delete for ever',
    dangerous: true,
    callOf: () => write(resource, 'DELETE', { id }),
    onDone: () => {
      toast(`${title} is deleted`);
      go(hrefOf(`/data/${nameOf(resource)}`));
    },
  };
}
