/** Reads the server's log as it comes, and keeps what must not be in it. */
export interface LogWatch {
  readonly complaints: string[];
  /** The processes that wrote a line. */
  readonly pids: Set<number>;
  /** A line of standard output. */
  readLine: (line: string) => void;
  /** A line of standard error: none is expected. */
  readComplaint: (line: string) => void;
}

const MAX_KEPT = 50;
/** Errors that tell of a machine with other work: a deadline passed, and the process went on by itself. A hang has its own judge. */
const OF_A_BUSY_MACHINE: ReadonlySet<unknown> = new Set(['limits.store_lost']);

/** A line at level error or fatal, a line that is not one JSON object, and anything on standard error is a complaint. */
export function createLogWatch(): LogWatch {
  const complaints: string[] = [];
  const pids = new Set<number>();
  const complain = (sentence: string): void => {
    if (complaints.length < MAX_KEPT) complaints.push(sentence.slice(0, 4000));
  };
  return {
    complaints,
    pids,
    readLine: (line) => {
      const entry = parse(line);
      if (entry === undefined) return complain(`the log has a line that is no JSON object: ${line}`);
      pids.add(Number(entry.pid));
      const isError = entry.level === 'error' || entry.level === 'fatal';
      if (isError && !OF_A_BUSY_MACHINE.has(entry.event)) complain(`the log has an error: ${line}`);
    },
    readComplaint: (line) => complain(`standard error has a line: ${line}`),
  };
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'level' in value ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
