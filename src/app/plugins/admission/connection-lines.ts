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

interface Line {
  active: number;
  waiting: (() => void)[];
}

export function createConnectionLines<Connection extends object>({
  perConnection,
  maxWaiting,
  pause,
  resume,
  close,
}: ConnectionLinesOptions<Connection>): ConnectionLines<Connection> {
  const lines = new Map<Connection, Line>();
  let waiting = 0;

  const drop = (connection: Connection): void => {
    waiting -= lines.get(connection)?.waiting.length ?? 0;
    lines.delete(connection);
  };
  const closeLongest = (): void => {
    const [longest] = [...lines].reduce((most, line) =>
      line[1].waiting.length > most[1].waiting.length ? line : most,
    );
    drop(longest);
    close(longest);
  };

  return {
    enter: (connection, start) => {
      const line = lines.get(connection) ?? { active: 0, waiting: [] };
      lines.set(connection, line);
      if (line.active < perConnection) {
        line.active++;
        return true;
      }
      line.waiting.push(start);
      waiting++;
      if (line.waiting.length === 1) pause(connection);
      if (waiting > maxWaiting) closeLongest();
      return false;
    },
    leave: (connection) => {
      const line = lines.get(connection);
      if (line === undefined) return;
      const next = line.waiting.shift();
      if (next === undefined) {
        line.active--;
        if (line.active === 0) lines.delete(connection);
        return;
      }
      waiting--;
      if (line.waiting.length === 0) resume(connection);
      next();
    },
    drop,
    get waiting() {
      return waiting;
    },
  };
}
