/**
 * Lets a few requests of each connection be worked on at once, and one that changes something by itself alone (RFC 9112 §9.3.2).
 * The others wait in the order of their arrival.
 */
export interface ConnectionLines<Connection extends object> {
  /** True if a request may start at once, which takes its place; `isSafe` if its method changes nothing (RFC 9110 §9.2.1). */
  enter: (connection: Connection, isSafe: boolean) => boolean;
  /** For a request that may not: it is started when it may, unless its connection is closed before. */
  wait: (connection: Connection, request: Waiting) => void;
  /** Gives a place back, to the next request of the same connection. */
  leave: (connection: Connection) => void;
  /** Forgets a connection that is closed, and all that waits on it. */
  drop: (connection: Connection) => void;
  readonly waiting: number;
}

/** A request of a connection. */
export interface Waiting {
  isSafe: boolean;
  start: () => void;
}

export interface ConnectionLinesOptions<Connection extends object> {
  perConnection: number;
  maxWaiting: number;
  /** Called when a request has to wait, and when none waits any more. */
  pause: (connection: Connection) => void;
  resume: (connection: Connection) => void;
  /** Ends the connection with the longest line, when more than `maxWaiting` requests wait. */
  close: (connection: Connection) => void;
}

interface Line<Connection> {
  readonly connection: Connection;
  active: number;
  /** The one that is worked on changes something. */
  isTaken: boolean;
  readonly waiting: Waiting[];
}

export function createConnectionLines<Connection extends object>({
  perConnection,
  maxWaiting,
  pause,
  resume,
  close,
}: ConnectionLinesOptions<Connection>): ConnectionLines<Connection> {
  const lines = new WeakMap<Connection, Line<Connection>>();
  /** Those in which a request waits. */
  const held = new Set<Line<Connection>>();
  let waiting = 0;

  const lineOf = (connection: Connection): Line<Connection> => {
    let line = lines.get(connection);
    if (line === undefined) {
      line = { connection, active: 0, isTaken: false, waiting: [] };
      lines.set(connection, line);
    }
    return line;
  };
  const drop = (connection: Connection): void => {
    const line = lines.get(connection);
    if (line === undefined) return;
    waiting -= line.waiting.length;
    held.delete(line);
    lines.delete(connection);
  };
  const closeLongest = (): void => {
    const { connection } = [...held].reduce((most, line) => (line.waiting.length > most.waiting.length ? line : most));
    drop(connection);
    close(connection);
  };

  const mayStart = ({ active, isTaken }: Line<Connection>, isSafe: boolean): boolean =>
    isSafe ? active < perConnection && !isTaken : active === 0;
  const take = (line: Line<Connection>, isSafe: boolean): void => {
    line.active++;
    line.isTaken = !isSafe;
  };
  const startNext = (line: Line<Connection>): void => {
    for (let [next] = line.waiting; next !== undefined && mayStart(line, next.isSafe); [next] = line.waiting) {
      line.waiting.shift();
      waiting--;
      take(line, next.isSafe);
      if (line.waiting.length === 0) {
        held.delete(line);
        resume(line.connection);
      }
      next.start();
    }
  };

  return {
    enter: (connection, isSafe) => {
      const line = lineOf(connection);
      if (line.waiting.length > 0 || !mayStart(line, isSafe)) return false;
      take(line, isSafe);
      return true;
    },
    wait: (connection, request) => {
      const line = lineOf(connection);
      line.waiting.push(request);
      waiting++;
      if (line.waiting.length === 1) {
        held.add(line);
        pause(connection);
      }
      if (waiting > maxWaiting) closeLongest();
    },
    leave: (connection) => {
      const line = lines.get(connection);
      if (line === undefined) return;
      line.active--;
      line.isTaken = false;
      startNext(line);
    },
    drop,
    get waiting() {
      return waiting;
    },
  };
}
