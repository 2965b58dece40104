import type { Transporter } from 'nodemailer';
import { type EmailAddress, parseEmail } from '../../../utils/emails.ts';
import type { SmtpServer } from '../../../utils/smtp-url.ts';
import type { Rendered } from '../mail.ts';
import type { Sender } from '../mail-links.ts';

/** A mail with the name of its job, which is the same in every attempt. */
export interface Message extends Rendered {
  id: string;
  to: EmailAddress;
}

/** What became of an attempt. `reason` holds neither link nor code and can be stored. */
export type Outcome = { state: 'sent' } | { state: 'deferred' | 'rejected'; reason: string };

/** Hands mails to a server, over connections that it keeps. */
export interface Transport {
  /** Done means that the server took the mail; an attempt without an answer is deferred, and comes again under the same Message-ID. */
  send: (message: Message, signal?: AbortSignal) => Promise<Outcome>;
  /** Reaches the server and signs in, and sends nothing. Throws an Error whose message says what did not work. */
  verify: () => Promise<void>;
  close: () => void;
}

const CONNECT_WITHIN_MS = 5000;
/** Longest silence of the server; it must take the mail within the lease of the job. */
const ANSWER_WITHIN_MS = 10_000;
const CONNECTIONS = 4;
const REASON_MAX_LENGTH = 300;

/** Answers that blame the session, not the mail: bad sequence, authentication required, encryption required. */
const SESSION_CODES = [503, 530, 534, 535, 538];

/** Connects to nothing and loads nothing until the first mail. */
export function createTransport(server: SmtpServer, sender: Sender): Transport {
  let opened: Promise<Transporter> | undefined;
  const open = (): Promise<Transporter> => {
    opened ??= connect(server);
    return opened;
  };
  return {
    send: async (message, signal) => {
      // The library takes a list of addresses apart, in the envelope too: only one address may ever reach it.
      if (parseEmail(message.to) !== message.to)
        return { state: 'rejected', reason: 'the recipient is no address in its stored form' };
      const transporter = await open();
      try {
        await transporter.sendMail({ ...envelopeOf(message, sender), signal });
        return { state: 'sent' };
      } catch (error) {
        return outcomeOf(error);
      }
    },
    verify: async () => {
      const transporter = await open();
      try {
        await transporter.verify();
      } catch (error) {
        throw new Error(reasonOf(error));
      }
    },
    close: () => void opened?.then((transporter) => transporter.close()),
  };
}

async function connect({ host, port, implicit_tls, requires_tls, ca, credentials }: SmtpServer): Promise<Transporter> {
  // Loaded on first use: it costs a fifth of a second at start.
  const { createTransport } = await import('nodemailer');
  const transporter = createTransport({
    host,
    port,
    secure: implicit_tls,
    requireTLS: requires_tls,
    // If the mail may go in clear, a certificate that does not hold is better than none.
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: requires_tls, ...(ca !== undefined && { ca }) },
    ...(credentials && { auth: credentials }),
    pool: true,
    maxConnections: CONNECTIONS,
    dnsTimeout: CONNECT_WITHIN_MS,
    connectionTimeout: CONNECT_WITHIN_MS,
    greetingTimeout: CONNECT_WITHIN_MS,
    socketTimeout: ANSWER_WITHIN_MS,
  });
  // Each mail reports its own failure; without a listener a lost idle connection would end the process.
  transporter.on('error', () => {});
  return transporter;
}

function envelopeOf({ id, to, subject, text, html }: Message, from: Sender): object {
  return {
    messageId: `<${id}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`,
    from: { name: from.name, address: from.address },
    to: { name: '', address: to },
    envelope: { from: from.address, to: [to] },
    subject,
    text,
    html,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** Of nodemailer's errors. */
interface SmtpError extends Error {
  code?: string;
  command?: string;
  response?: string;
  responseCode?: number;
}

/** A 5xx to the mail itself is final (RFC 5321 §4.2.1); one to the session is the operator's to mend, and everything else passes. */
function outcomeOf(error: unknown): Outcome {
  const { code, responseCode = 0 } = error as SmtpError;
  const isOfMail = code === 'EENVELOPE' || code === 'EMESSAGE';
  const isFinal = isOfMail && responseCode >= 500 && !SESSION_CODES.includes(responseCode);
  return { state: isFinal ? 'rejected' : 'deferred', reason: reasonOf(error) };
}

/** The server's answer, or what kept it from answering. Filters quote the link that they refuse: long words and codes are taken out. */
function reasonOf(error: unknown): string {
  const { message, response, code, command } = error as SmtpError;
  const words = `${response ?? message}${command === undefined || command === 'API' ? '' : ` (${command})`}`;
  const safe = words.replace(/[\w-]{24,}|\b\d{8}\b/g, '…').replace(/[\p{Cc}\s]+/gu, ' ');
  return `${response === undefined && code !== undefined ? `${code}: ` : ''}${safe}`.slice(0, REASON_MAX_LENGTH);
}
