import type { Answer } from './client/answers.ts';
import { type Connection, openConnection } from './client/connection.ts';
import { exchangeRaw } from './client/raw.ts';
import { type Operation, operationFor } from './document.ts';
import type { Step } from './generators/steps.ts';
import type { Oracle } from './oracle.ts';
import { differences, type Fingerprint, type StateWatch } from './state.ts';
import { toBytes } from './wire-format.ts';

/** What a batch is sent to, and by what it is judged. */
export interface Subject {
  readonly port: number;
  readonly operations: readonly Operation[];
  readonly tokens: Readonly<Record<string, string>>;
  readonly oracle: Oracle;
  readonly state: StateWatch;
  /** Makes the rows what every batch expects. */
  reset: () => Promise<void>;
}

export interface Complaint {
  /** Undefined where it is about all of a batch. */
  step?: Step;
  sentence: string;
}

/** Told of each answer, by the operation or the kind of the step. */
export type Tally = (name: string, status: number) => void;

interface Result {
  step: Step;
  operation: Operation | undefined;
  answers: readonly Answer[];
  failure: string | undefined;
}

export interface Sender {
  /** Sends the steps over all connections at once, and complains of every answer, and of every row that a refusal changed. */
  run: (steps: readonly Step[]) => Promise<Complaint[]>;
  close: () => void;
}

const READING = /^(GET|HEAD|OPTIONS|TRACE|PROPFIND|QUERY|LINK|PUT)$/;
const WRITING_BYTES = /\b(POST|PATCH|DELETE) \//;
/** The refusal that acts on purpose: a used refresh token ends its session. */
const ENDS_A_SESSION = '"code":"refresh_token_reused"';

/** Opens the connections, which are kept from batch to batch. */
export function createSender(
  subject: Subject,
  { connections: count, deadline_ms, tally }: { connections: number; deadline_ms: number; tally: Tally },
): Sender {
  const connections = Array.from({ length: count }, () => openConnection(subject.port, deadline_ms));

  const send = async (step: Step, connection: Connection): Promise<Result> => {
    const bytes = toBytes(step, subject.tokens);
    if (step.kind === 'raw') {
      const { answers, failure } = await exchangeRaw(subject.port, bytes, { deadline_ms, half_close: step.half_close });
      for (const { status } of answers) tally('bytes that may be no request', status);
      if (answers.length === 0) tally('bytes that may be no request', 0);
      return { step, operation: undefined, answers, failure };
    }
    const outcome = await connection.exchange(bytes, { to_head: step.method === 'HEAD' });
    const operation = operationFor(subject.operations, step.method, step.target);
    const answers = 'answer' in outcome ? [outcome.answer] : [];
    tally(operation?.name ?? 'no operation', answers[0]?.status ?? 0);
    return { step, operation, answers, failure: 'failure' in outcome ? outcome.failure : undefined };
  };
  const sendAll = async (steps: readonly Step[]): Promise<Result[]> => {
    const results: Result[] = [];
    const waiting = [...steps];
    await Promise.all(
      connections.map(async (connection) => {
        for (let step = waiting.shift(); step !== undefined; step = waiting.shift())
          results.push(await send(step, connection));
      }),
    );
    return results;
  };
  /** In this batch somebody got another role or state: from then on who may do what is not known. */
  let rights_moved = false;
  /** Sends, judges, and where nothing was carried out compares the rows with what they were. */
  const pass = async (steps: readonly Step[], before: Fingerprint, since: Date) => {
    const results = await sendAll(steps);
    const after = await subject.state.take(since);
    rights_moved ||= results.some(movesRights);
    const complaints = judgeAll(subject.oracle, { results, rights_moved });
    const changed = results.some(hasActed) ? [] : differences(before, after);
    complaints.push(...changed.map((sentence) => ({ sentence: `refused requests changed the database: ${sentence}` })));
    return { results, after, complaints };
  };

  return {
    run: async (steps) => {
      await subject.reset();
      rights_moved = false;
      const since = new Date();
      const first = await pass(steps, await subject.state.take(since), since);
      if (first.complaints.length > 0 || !first.results.some(hasActed)) return name(first.complaints, steps);
      // What was carried out hides what the refused ones did: these alone once more.
      const refused = first.results.filter(isRefused).map(({ step }) => step);
      const second = refused.length === 0 ? first : await pass(refused, first.after, since);
      return name(second.complaints, refused);
    },
    close: () => {
      for (const connection of connections) connection.close();
    },
  };
}

/** A batch of one names its request; a longer one is cut down until it is one. */
function name(complaints: Complaint[], steps: readonly Step[]): Complaint[] {
  const [only] = steps;
  return steps.length === 1 && only ? complaints.map((complaint) => ({ step: only, ...complaint })) : complaints;
}

function judgeAll(
  oracle: Oracle,
  { results, rights_moved }: { results: readonly Result[]; rights_moved: boolean },
): Complaint[] {
  return results.flatMap(({ step, operation, answers, failure }) => {
    const judged = answers.flatMap((answer) =>
      step.kind === 'raw' ? oracle.judgeRaw(answer, step) : oracle.judge(answer, { step, operation, rights_moved }),
    );
    const silence = failure === undefined ? [] : [failure];
    return [...judged, ...silence].map((sentence) => ({ step, sentence }));
  });
}

function movesRights({ operation, answers }: Result): boolean {
  return operation?.name === 'PATCH /users/{id}' && answers[0]?.status === 200;
}

function hasActed({ step, operation, answers }: Result): boolean {
  // A browser that comes back from a provider changes rows by reading.
  if (operation?.name.endsWith('/callback') && answers[0]?.status === 303) return true;
  const isWriting = step.kind === 'raw' ? WRITING_BYTES.test(step.text) : !READING.test(step.method);
  return answers.some(({ status, body }) => (status < 400 && isWriting) || body.includes(ENDS_A_SESSION));
}

function isRefused({ answers }: Result): boolean {
  return answers.every(({ status }) => status >= 400);
}
