import { describe, expect, it, onTestFinished } from 'vitest';
import { renderMail } from '../../../../../src/app/services/system/mail.ts';
import { sampleData } from '../../../../../src/app/services/system/mail-samples.ts';
import {
  createTransport,
  type Message,
  type Transport,
} from '../../../../../src/app/services/system/mailer/transport.ts';
import type { EmailAddress } from '../../../../../src/app/utils/emails.ts';
import { parseSmtpUrl } from '../../../../../src/app/utils/smtp-url.ts';
import { HAS_OPENSSL, makeCertificate } from '../../../../helpers/certificates.ts';
import { type SinkOptions, type SmtpSink, smtpError, startScriptedSmtp, startSmtp } from '../../../../helpers/smtp.ts';

const SENDER = { name: 'A Product', address: 'no-reply@api.example.com' };
const CREDENTIALS = { user: 'mail@example.com', pass: 'p/ss:wörd %' };
const skipped = HAS_OPENSSL ? '' : ' (skipped: openssl is not installed)';

const message = (fields: Partial<Message> = {}): Message => ({
  id: '0197b0c0-0000-7000-8000-000000000001',
  to: 'ada@example.com' as EmailAddress,
  subject: 'Zażółć gęślą jaźń – a subject that is long enough to be folded over more than one line of the header',
  text: 'Text\n.\nwith a lone dot',
  html: '<p>HTML</p>',
  ...fields,
});

async function sink(options: SinkOptions = {}): Promise<SmtpSink> {
  const server = await startSmtp(options);
  onTestFinished(() => server.close());
  return server;
}

function transportTo(url: string): Transport {
  const transport = createTransport(parseSmtpUrl(url), SENDER);
  onTestFinished(() => transport.close());
  return transport;
}

async function scripted(answers: Record<string, string | undefined>) {
  const server = await startScriptedSmtp((line) => {
    const verb = Object.keys(answers).find((word) => line.startsWith(word) && (word !== '.' || line === '.'));
    if (verb !== undefined) return answers[verb];
    return { CONN: '220 ready', EHLO: '250 ok', MAIL: '250 ok', RCPT: '250 ok', DATA: '354 go on', '.': '250 ok' }[
      line.slice(0, 4)
    ];
  });
  onTestFinished(server.close);
  return { ...server, answers };
}

describe('a mail', () => {
  it('arrives whole, under the id of its job, at its one recipient', async () => {
    const server = await sink();
    const { subject, text, html } = renderMail('reset_password', 'pl', sampleData('https://x.example').reset_password);
    expect(await transportTo(server.url).send(message({ subject, text, html }))).toEqual({ state: 'sent' });
    const [mail] = server.mails;
    expect(mail).toMatchObject({ from: SENDER.address, recipients: ['ada@example.com'] });
    expect(mail?.message).toMatchObject({
      messageId: '<0197b0c0-0000-7000-8000-000000000001@api.example.com>',
      from: SENDER,
      to: [{ address: 'ada@example.com' }],
      subject,
    });
    expect(mail?.message.text?.replaceAll('\r\n', '\n').trim()).toBe(text.trim());
    expect(mail?.message.html?.replaceAll('\r\n', '\n').trim()).toBe(html.trim());
    expect(mail?.message.headers).toContainEqual(
      expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }),
    );
    expect(Math.max(...(mail?.raw.split('\r\n').map(({ length }) => length) ?? []))).toBeLessThanOrEqual(998);
  });

  it.each([
    'ada@example.com, evil@example.com',
    'ada@example.com\r\nRCPT TO:<evil@example.com>',
    'ada@example.com>\r\nRCPT TO:<evil@example.com',
    '"ada@example.com" <evil@example.com>',
    'Ada@Example.com',
    'group: ada@example.com, evil@example.com;',
    '',
  ])('to %j reaches nobody: it is no address in its stored form', async (to) => {
    const server = await sink();
    const outcome = await transportTo(server.url).send(message({ to: to as EmailAddress }));
    expect(outcome).toMatchObject({ state: 'rejected', reason: expect.stringContaining('recipient') });
    expect(server.mails).toEqual([]);
    expect(server.connections()).toBe(0);
  });

  it('adds no header by its subject, and reads no file', async () => {
    const server = await sink();
    const transport = transportTo(server.url);
    const subject = 'Hello\r\nBcc: evil@example.com\r\n\r\nbody';
    await transport.send(message({ subject }));
    const html = { path: '/etc/hostname' } as unknown as string;
    expect(await transport.send(message({ html }))).toMatchObject({ state: 'deferred' });
    const [mail] = await server.taken(1);
    expect(mail?.recipients).toEqual(['ada@example.com']);
    expect(mail?.message.headers.map(({ key }) => key)).not.toContain('bcc');
    expect(server.mails).toHaveLength(1);
  });

  it('shares its connection with the next ones', async () => {
    const server = await sink();
    const transport = transportTo(server.url);
    for (let n = 0; n < 5; n++) await transport.send(message({ id: `mail-${n}` }));
    expect(new Set(server.mails.map(({ message: { messageId } }) => messageId)).size).toBe(5);
    expect(server.connections()).toBe(1);
  });

  it('signs in with user and password as they were before their percent-encoding', async () => {
    const server = await sink({ credentials: CREDENTIALS });
    const transport = transportTo(server.url);
    await transport.verify();
    await transport.send(message());
    expect(server.mails[0]?.user).toBe(CREDENTIALS.user);
  });
});

describe('an attempt that fails', () => {
  it.each([
    ['450', 'deferred'],
    ['421', 'deferred'],
    ['452', 'deferred'],
    ['503', 'deferred'],
    ['530', 'deferred'],
    ['550', 'rejected'],
    ['552', 'rejected'],
    ['554', 'rejected'],
  ] as const)('by a %s to the recipient is %s', async (code, state) => {
    const server = await sink({ onRcptTo: (_address, _session, done) => done(smtpError(Number(code), 'not here')) });
    const outcome = await transportTo(server.url).send(message());
    expect(outcome).toMatchObject({ state, reason: expect.stringContaining(`${code} `) });
    expect(server.mails).toEqual([]);
  });

  it.each([
    [451, 'deferred'],
    [554, 'rejected'],
  ])('by a %i to the message itself is %s', async (code, state) => {
    const server = await sink({ beforeTaken: () => Promise.reject(smtpError(code, 'spam')) });
    expect(await transportTo(server.url).send(message())).toMatchObject({ state });
  });

  it('by a wrong password is deferred: the operator mends it', async () => {
    const server = await sink({ credentials: CREDENTIALS });
    const transport = transportTo(server.url.replace('mail%40', 'other%40'));
    const outcome = await transport.send(message());
    expect(outcome).toMatchObject({ state: 'deferred', reason: expect.stringMatching(/^535 /) });
    expect(JSON.stringify(outcome)).not.toContain(CREDENTIALS.pass);
    await expect(transport.verify()).rejects.toThrow('535');
  });

  it('by a refused connection, a refused greeting or a lost line is deferred', async () => {
    const { url, close } = await startScriptedSmtp(() => undefined);
    close();
    expect(await transportTo(url).send(message())).toMatchObject({
      state: 'deferred',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
    const busy = await scripted({ CONNECT: '554 no service' });
    expect(await transportTo(busy.url).send(message())).toMatchObject({ state: 'deferred' });
    const lost = await startScriptedSmtp((line, socket) => {
      if (line.startsWith('RCPT')) socket.destroy();
      return line === 'CONNECT' ? '220 ready' : '250 ok';
    });
    onTestFinished(lost.close);
    expect(await transportTo(lost.url).send(message())).toMatchObject({ state: 'deferred' });
  });

  it('is told without the link and the code that a filter quotes', async () => {
    const token = 'AZrPq0u4f7mZ3k9sX2c5Vw1nB8eH6jTdLyKgRiOuQ4';
    const server = await scripted({ '.': `554 5.7.1 blocked: https://x.example/reset#token=${token} and 48120957` });
    expect(await transportTo(server.url).send(message())).toEqual({
      state: 'rejected',
      reason: expect.stringMatching(/^554 5\.7\.1 blocked: https:\/\/x\.example\/reset#token=… and …/),
    });
  });

  it('by silence after the data is deferred in a bounded time, and the next one has the same Message-ID', async () => {
    const server = await scripted({ '.': undefined });
    const transport = transportTo(server.url);
    expect(await transport.send(message())).toMatchObject({
      state: 'deferred',
      reason: expect.stringContaining('ETIMEDOUT'),
    });
    server.answers['.'] = '250 ok';
    expect(await transport.send(message())).toEqual({ state: 'sent' });
    const ids = server.lines.filter((line) => /^message-id:/i.test(line));
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  it('ends with its job', async () => {
    const server = await scripted({ DATA: undefined });
    const job = new AbortController();
    const sent = transportTo(server.url).send(message(), job.signal);
    job.abort(new Error('the process ends'));
    expect(await sent).toMatchObject({ state: 'deferred' });
  });

  it('does not end the process if a kept connection is lost', async () => {
    const server = await startSmtp();
    const transport = transportTo(server.url);
    await transport.send(message());
    await server.close();
    const next = await startSmtp({ port: server.port });
    onTestFinished(() => next.close());
    const outcome = await transport.send(message({ id: 'second' }));
    if (outcome.state !== 'sent') expect(await transport.send(message({ id: 'second' }))).toEqual({ state: 'sent' });
    expect(next.mails).toHaveLength(1);
  });
});

describe.skipIf(skipped !== '')(`TLS${skipped}`, () => {
  const certificate = () => {
    const made = makeCertificate(2);
    onTestFinished(made.remove);
    return made;
  };

  it('by STARTTLS is used wherever it is offered, and on this machine without an authority', async () => {
    const server = await sink({ certificate: certificate() });
    expect(await transportTo(server.url).send(message())).toEqual({ state: 'sent' });
    expect(server.mails[0]?.is_encrypted).toBe(true);
  });

  it('that is required holds mails back from a server without it, and from one that nobody vouches for', async () => {
    const plain = await sink();
    expect(await transportTo(`${plain.url}?requireTLS=true`).send(message())).toMatchObject({ state: 'deferred' });
    const files = certificate();
    const server = await sink({ certificate: files });
    const untrusted = await transportTo(`${server.url}?requireTLS=true`).send(message());
    expect(untrusted).toMatchObject({ state: 'deferred', reason: expect.stringMatching(/self-signed/) });
    expect([plain.mails, server.mails]).toEqual([[], []]);
    const trusted = transportTo(`${server.url}?requireTLS=true&ca=${files.cert}`);
    expect(await trusted.send(message())).toEqual({ state: 'sent' });
  });

  it('from the first byte is smtps, with an authority of its own', async () => {
    const files = certificate();
    const server = await sink({ certificate: files, secure: true });
    expect(await transportTo(server.url).send(message())).toMatchObject({ state: 'deferred' });
    expect(await transportTo(`${server.url}?ca=${files.cert}`).send(message())).toEqual({ state: 'sent' });
    expect(server.mails.map(({ is_encrypted }) => is_encrypted)).toEqual([true]);
  });
});
