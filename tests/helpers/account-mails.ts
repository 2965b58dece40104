import { afterAll } from 'vitest';
import { jobs } from '../../src/app/jobs/index.ts';
import type { MailKind } from '../../src/app/services/system/mail-kinds.ts';
import type { QueuedMail } from '../../src/app/services/system/mail-queue.ts';
import { runDueJobs } from '../../src/app/services/system/worker.ts';
import { startApi, type TestApi } from './api.ts';
import { tokenIn } from './mails.ts';
import { type SinkOptions, startSmtp } from './smtp.ts';

/** A mail that a mail server took, with the secrets of its text. */
export interface ReadMail {
  kind: MailKind;
  locale: string;
  text: string;
  /** The token of its link. */
  token: string;
  /** Empty if it has none. */
  code: string;
}

export interface MailingApi {
  api: TestApi;
  /** Works off what is due, and gives the mails that were sent to a mailbox, the newest first. */
  mailsTo: (email: string) => Promise<ReadMail[]>;
  /** The newest mail of a kind to a mailbox; fails if there is none. */
  mailOf: (email: string, kind: MailKind) => Promise<ReadMail>;
}

/** The application beside a mail server. Its jobs are worked off when mails are asked for. */
export async function startMailingApi(
  settings: Record<string, string> = {},
  options: SinkOptions = {},
): Promise<MailingApi> {
  const server = await startSmtp(options);
  const api = startApi({ ...settings, SMTP_URL: server.url });
  afterAll(() => server.close());

  const readMail = (id: string, { kind, locale }: QueuedMail): ReadMail[] => {
    const taken = server.mails.find(({ message }) => message.messageId?.startsWith(`<${id}@`));
    const text = taken?.message.text ?? '';
    const code = /^\d{8}$/m.exec(text)?.[0] ?? '';
    return taken === undefined ? [] : [{ kind, locale, text, token: tokenIn(text), code }];
  };
  const mailsTo = async (email: string): Promise<ReadMail[]> => {
    const { handlers } = jobs;
    await runDueJobs(api.app.ctx, {
      handlers: handlers.filter(({ kind }) => kind.startsWith('mail.')),
      schedules: [],
    });
    const rows = await api.sql<{ id: string; payload: QueuedMail }>(
      `select id, payload from jobs where kind = 'mail.send' and payload->>'to' = $1 order by id desc`,
      [email],
    );
    return rows.flatMap(({ id, payload }) => readMail(id, payload));
  };
  const mailOf = async (email: string, kind: MailKind): Promise<ReadMail> => {
    const mail = (await mailsTo(email)).find((mail) => mail.kind === kind);
    if (mail === undefined) throw new Error(`no ${kind} was sent to ${email}`);
    return mail;
  };
  return { api, mailsTo, mailOf };
}
