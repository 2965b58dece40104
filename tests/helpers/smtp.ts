import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A mail as the server took it: whom the protocol named, and the message. */
export interface TakenMail {
  from: string;
  /** The RCPT TO list: who is in it gets the mail, whatever the headers say. */
  recipients: string[];
  raw: string;
  message: Email;
  is_encrypted: boolean;
  user: string | undefined;
}

export interface SmtpSink {
  port: number;
  url: string;
  mails: TakenMail[];
  /** Resolves with the mails once their number is reached. */
  taken: (count: number) => Promise<TakenMail[]>;
  /** Connections since the start. */
  connections: () => number;
  close: () => Promise<void>;
}

/** What the server does otherwise than to take every mail. */
export interface SinkOptions
  extends Pick<SMTPServerOptions, 'onMailFrom' | 'onRcptTo' | 'secure' | 'disabledCommands'> {
  /** Files of a certificate and its key; without them the server offers no TLS. */
  certificate?: { cert: string; key: string };
  credentials?: { user: string; pass: string };
  /** Runs before a mail is taken; an error refuses it. */
  beforeTaken?: () => Promise<void>;
  port?: number;
}

/** An error that the server answers with this code. */
export function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

/** A real SMTP server on the loopback that keeps what it takes. */
export async function startSmtp({
  certificate,
  credentials,
  beforeTaken,
  port = 0,
  ...options
}: SinkOptions = {}): Promise<SmtpSink> {
  const mails: TakenMail[] = [];
  const waiting = new Set<() => void>();
  let connections = 0;
  const server = new SMTPServer({
    logger: false,
    authOptional: credentials === undefined,
    disabledCommands: [
      ...(certificate === undefined ? ['STARTTLS' as const] : []),
      ...(credentials === undefined ? ['AUTH' as const] : []),
    ],
    ...(certificate && { cert: readFileSync(certificate.cert), key: readFileSync(certificate.key) }),
    closeTimeout: 100,
    onConnect: (_session, done) => {
      connections++;
      done();
    },
    onAuth: ({ username, password }, _session, done) => {
      if (username === credentials?.user && password === credentials?.pass) done(null, { user: username });
      else done(smtpError(535, 'Authentication failed'));
    },
    onData: async (stream, session, done) => {
      try {
        const raw = (await buffer(stream)).toString();
        await beforeTaken?.();
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          recipients: rcptTo.map(({ address }) => address),
          raw,
          message: await PostalMime.parse(raw),
          is_encrypted: session.secure,
          user: typeof session.user === 'string' ? session.user : undefined,
        });
        done(null);
        for (const check of waiting) check();
      } catch (error) {
        done(error as Error);
      }
    },
    ...options,
  });
  server.on('error', () => {});
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  // A TCP server's address is never a path.
  const bound = (server.server.address() as AddressInfo).port;
  const scheme = options.secure ? 'smtps' : 'smtp';
  const login = credentials ? `${encodeURIComponent(credentials.user)}:${encodeURIComponent(credentials.pass)}@` : '';
  return {
    port: bound,
    url: `${scheme}://${login}127.0.0.1:${bound}`,
    mails,
    taken: (count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (mails.length < count) return;
          waiting.delete(check);
          resolve([...mails]);
        };
        waiting.add(check);
        check();
      }),
    connections: () => connections,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** A server that speaks by a script: `answer` gives the reply to a line, or nothing. `.` ends the data of a mail. */
export async function startScriptedSmtp(
  answer: (line: string, socket: Socket) => string | undefined,
): Promise<{ url: string; lines: string[]; close: () => void }> {
  const lines: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    let rest = '';
    const reply = (line: string): void => {
      const text = answer(line, socket);
      if (text !== undefined) socket.write(`${text}\r\n`);
    };
    reply('CONNECT');
    socket.on('data', (chunk) => {
      const parts = (rest + chunk.toString()).split('\r\n');
      rest = parts.pop() ?? '';
      for (const line of parts) {
        lines.push(line);
        reply(line);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    // A TCP server's address is never a path.
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lines,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
