/** Lets a few requests of each connection be worked on at once. The others wait in the order of their arrival. */
export interface ConnectionLines<Connection extends object> {
  /** True if the request may start at once. Otherwise `start` is called when it may, unless its connection is closed before. */
  enter: (connection: Connection, start: () => void) => boolean;
  /** Gives a place back, to the next request of the same connection. */
  leave: (connection: Connection) => void;
  /** Forgets a connection that is closed, and all that waits on it. */
  drop: (connection: Connection) => void;
  readonly waiting: number;
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
  readonly waiting: (() => void)[];
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
      line = { connection, active: 0, waiting: [] };
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

  return {
    enter: (connection, start) => {
      const line = lineOf(connection);
      if (line.active < perConnection) {
        line.active++;
        return true;
      }
      line.waiting.push(start);
      waiting++;
      if (line.waiting.length === 1) {
        held.add(line);
        pause(connection);
      }
      if (waiting > maxWaiting) closeLongest();
      return false;
    },
    leave: (connection) => {
      const line = lines.get(connection);
      if (line === undefined) return;
      const next = line.waiting.shift();
      if (next === undefined) {
        line.active--;
        return;
      }
      waiting--;
      if (line.waiting.length === 0) {
        held.delete(line);
        resume(connection);
      }
      next();
    },
    drop,
    get waiting() {
      return waiting;
    },
  };
}
