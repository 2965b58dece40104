import { ApiError } from 'back-client';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { type Call, Cancelled, send } from '../api.ts';
import { el, h } from '../el.ts';
import { ErrorNote } from '../parts/answer.ts';
import { Head } from '../parts/head.ts';
import { Table } from '../parts/table.ts';
import { toast } from '../parts/toasts.ts';
import { hrefOf } from '../place.ts';
import type { ImportOutcome } from '../types.ts';

interface File {
  name: string;
  format: 'csv' | 'jsonl';
  content: string;
}

type Rejection = ImportOutcome['rejections'][number];

const MOST_CHARACTERS = 500_000;

/** Accounts out of a file: what would become of it, line by line, and then the import. */
export function UserImport(): VNode {
  const [file, setFile] = useState<File>();
  const [outcome, setOutcome] = useState<ImportOutcome & { isDone: boolean }>();
  const [error, setError] = useState<ApiError>();
  const run = async (given: File, isDone: boolean): Promise<void> => {
    const { format, content } = given;
    const path = `/console/user-imports${isDone ? '' : '/preview'}`;
    const call: Call = { method: 'POST', path, body: { format, content } };
    setError(undefined);
    try {
      setOutcome({ ...(await send<ImportOutcome>(call)), isDone });
      if (isDone) toast('The users are imported');
    } catch (caught) {
      if (caught instanceof ApiError) setError(caught);
      else if (!(caught instanceof Cancelled)) throw caught;
    }
  };
  const choose = async (event: Event): Promise<void> => {
    const chosen = (event.currentTarget as HTMLInputElement).files?.[0];
    setOutcome(undefined);
    setFile(undefined);
    if (chosen === undefined) return;
    const read = await fileOf(chosen);
    setFile(read);
    if (read.content.length <= MOST_CHARACTERS) await run(read, false);
  };
  return el.div(
    null,
    h(Head, { title: 'Import users', up: ['Users', hrefOf('/users')] }),
    el.p(
      null,
      'A CSV file whose first line names the columns, or a file with a JSON object a line. One column is ',
      el.code(null, 'email'),
      '; others are name, role, locale, password_hash, email_verified, is_active, created_at. Choosing a file writes nothing.',
    ),
    el.div(
      { class: 'field narrow' },
      el.label({ htmlFor: 'file' }, 'File'),
      el.input({ id: 'file', type: 'file', accept: '.csv,.jsonl,.ndjson', onChange: choose }),
    ),
    file !== undefined && file.content.length > MOST_CHARACTERS && h(TooLong, file),
    error !== undefined && h(ErrorNote, { error }),
    outcome !== undefined && h(Outcome, { outcome }),
    file !== undefined &&
      outcome?.isDone === false &&
      outcome.imported > 0 &&
      el.div(
        { class: 'buttons' },
        el.button({ type: 'button', class: 'primary', onClick: () => run(file, true) }, `Import ${outcome.imported}`),
      ),
  );
}

async function fileOf(chosen: Blob & { name: string }): Promise<File> {
  const { name } = chosen;
  return { name, format: name.toLowerCase().endsWith('.csv') ? 'csv' : 'jsonl', content: await chosen.text() };
}

function TooLong({ name }: File): VNode {
  return el.div(
    { class: 'note warn' },
    el.strong(null, 'The file is too long for a browser'),
    el.p(null, 'The command takes files of any length: ', el.code(null, `npx back users import ${name}`)),
  );
}

function Outcome({ outcome }: { outcome: ImportOutcome & { isDone: boolean } }): VNode {
  const { imported, without_password, existing, refused, ignored, rejections, unread_from, isDone } = outcome;
  const counts = [
    `${imported} ${isDone ? 'imported' : 'would be imported'}`,
    without_password > 0 && `${without_password} of them without a password, who need a reset link`,
    `${existing} are there already`,
    `${refused} refused`,
  ];
  return el.div(
    { role: 'status' },
    el.div(
      { class: `note ${refused > 0 ? 'warn' : ''}` },
      el.strong(null, isDone ? 'Done' : 'Nothing is written yet'),
      el.p(null, `${counts.filter(Boolean).join(', ')}.`),
      unread_from !== undefined &&
        el.p(
          null,
          `The time was over before line ${unread_from}: what follows was not looked at. Import the file again to go on there, or use the command.`,
        ),
      ignored.length > 0 && el.p(null, `Not imported are the fields ${ignored.join(', ')}.`),
    ),
    rejections.length > 0 &&
      h(Table<Rejection>, {
        ...{ caption: 'Lines that are not imported', rows: rejections, keyOf: ({ line }) => String(line) },
        columns: [
          {
            name: 'Where',
            cell: ({ line, last_line }) => (last_line === undefined ? `line ${line}` : `lines ${line}–${last_line}`),
          },
          { name: 'Why not', cell: ({ reason }) => reason },
        ],
      }),
  );
}
