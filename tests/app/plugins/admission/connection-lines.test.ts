import { describe, expect, it } from 'vitest';
import { createConnectionLines } from '../../../../src/app/plugins/admission/connection-lines.ts';

function setUp({ perConnection = 2, maxWaiting = 100 } = {}) {
  const events: string[] = [];
  const note = (word: string) => (connection: { name: string }) => void events.push(`${word} ${connection.name}`);
  const lines = createConnectionLines<{ name: string }>({
    perConnection,
    maxWaiting,
    pause: note('pause'),
    resume: note('resume'),
    close: note('close'),
  });
  const enter = (connection: { name: string }, request: string): void => {
    const start = (): void => void events.push(`start ${request}`);
    if (lines.enter(connection, start)) start();
  };
  return { events, lines, enter };
}

describe('the lines of connections', () => {
  const [a, b] = [{ name: 'a' }, { name: 'b' }];

  it('start a few requests of each connection, and the others in their order', () => {
    const { events, lines, enter } = setUp();
    for (const request of ['a1', 'a2', 'a3', 'a4']) enter(a, request);
    enter(b, 'b1');
    expect(events).toEqual(['start a1', 'start a2', 'pause a', 'start b1']);
    expect(lines.waiting).toBe(2);
    for (let n = 0; n < 4; n++) lines.leave(a);
    expect(events.slice(4)).toEqual(['start a3', 'resume a', 'start a4']);
    expect(lines.waiting).toBe(0);
  });

  it('close the connection with the longest line when too many requests wait', () => {
    const { events, lines, enter } = setUp({ perConnection: 1, maxWaiting: 3 });
    for (const request of ['a1', 'a2', 'a3']) enter(a, request);
    enter(b, 'b1');
    enter(b, 'b2');
    enter(b, 'b3');
    expect(events.filter((event) => event.startsWith('close'))).toHaveLength(1);
    expect(lines.waiting).toBe(2);
  });

  it('start nothing of a connection that is gone', () => {
    const { events, lines, enter } = setUp({ perConnection: 1 });
    enter(a, 'a1');
    enter(a, 'a2');
    lines.drop(a);
    lines.leave(a);
    expect(events).toEqual(['start a1', 'pause a']);
    expect(lines.waiting).toBe(0);
  });
});
