/**
 * Lets a few requests of each connection be worked on at once, and one that changes something by itself alone (RFC 9112 §9.3.2).
 * The others wait in the order of their arrival.
 */
export interface ConnectionLines<Connection> {
  /** The line of a new connection. */
  open: (connection: Connection) => Line<Connection>;
  /** True if a request may start at once, which takes its place; `isSafe` if its method changes nothing (RFC 9110 §9.2.1). */
  enter: (line: Line<Connection>, isSafe: boolean) => boolean;
  /** For a request that may not: it is started when it may, unless its connection is closed before. */
  wait: (line: Line<Connection>, request: Waiting) => void;
  /** Gives a place back, to the next request of the same connection. */
  leave: (line: Line<Connection>) => void;
  /** Forgets all that waits on a connection that is closed. */
  drop: (line: Line<Connection>) => void;
  readonly waiting: number;
}

/** The requests of one connection. */
export interface Line<Connection> {
  readonly connection: Connection;
  active: number;
  /** The one that is worked on changes something. */
  isTaken: boolean;
  isDropped: boolean;
  readonly waiting: Waiting[];
}

/** A request of a connection. */
export interface Waiting {
  isSafe: boolean;
  start: () => void;
}

export interface ConnectionLinesOptions<Connection> {
  perConnection: number;
  maxWaiting: number;
  /** Called when a request has to wait, and when none waits any more. */
  pause: (connection: Connection) => void;
  resume: (connection: Connection) => void;
  /** Ends the connection with the longest line, when more than `maxWaiting` requests wait. */
  close: (connection: Connection) => void;
}

export function createConnectionLines<Connection>({
  perConnection,
  maxWaiting,
  pause,
  resume,
  close,
}: ConnectionLinesOptions<Connection>): ConnectionLines<Connection> {
  /** Those in which a request waits. */
  const held = new Set<Line<Connection>>();
  let waiting = 0;

  const drop = (line: Line<Connection>): void => {
    if (line.isDropped) return;
    line.isDropped = true;
    waiting -= line.waiting.length;
    line.waiting.length = 0;
    held.delete(line);
  };
  const closeLongest = (): void => {
    const longest = [...held].reduce((most, line) => (line.waiting.length > most.waiting.length ? line : most));
    drop(longest);
    close(longest.connection);
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
    open: (connection) => ({ connection, active: 0, isTaken: false, isDropped: false, waiting: [] }),
    enter: (line, isSafe) => {
      if (line.isDropped || line.waiting.length > 0 || !mayStart(line, isSafe)) return false;
      take(line, isSafe);
      return true;
    },
    wait: (line, request) => {
      if (line.isDropped) return;
      line.waiting.push(request);
      waiting++;
      if (line.waiting.length === 1) {
        held.add(line);
        pause(line.connection);
      }
      if (waiting > maxWaiting) closeLongest();
    },
    leave: (line) => {
      if (line.isDropped) return;
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
