import { describe, expect, it } from 'vitest';
import { createConnectionLines, type Line } from '../../../../src/app/plugins/admission/connection-lines.ts';

function setUp({ perConnection = 2, maxWaiting = 100 } = {}) {
  const events: string[] = [];
  const note = (word: string) => (name: string) => void events.push(`${word} ${name}`);
  const lines = createConnectionLines<string>({
    perConnection,
    maxWaiting,
    pause: note('pause'),
    resume: note('resume'),
    close: note('close'),
  });
  const enter = (line: Line<string>, request: string, isSafe = true): void => {
    const start = (): void => void events.push(`start ${request}`);
    if (lines.enter(line, isSafe)) start();
    else lines.wait(line, { isSafe, start });
  };
  return { events, lines, enter, a: lines.open('a'), b: lines.open('b') };
}

describe('the lines of connections', () => {
  it('start a few requests of each connection, and the others in their order', () => {
    const { events, lines, enter, a, b } = setUp();
    for (const request of ['a1', 'a2', 'a3', 'a4']) enter(a, request);
    enter(b, 'b1');
    expect(events).toEqual(['start a1', 'start a2', 'pause a', 'start b1']);
    expect(lines.waiting).toBe(2);
    for (let n = 0; n < 4; n++) lines.leave(a);
    expect(events.slice(4)).toEqual(['start a3', 'resume a', 'start a4']);
    expect(lines.waiting).toBe(0);
  });

  it('start one that changes something when none is worked on, and no other before its end', () => {
    const { events, lines, enter, a, b } = setUp({ perConnection: 4 });
    enter(a, 'read 1');
    enter(a, 'read 2');
    enter(a, 'write 3', false);
    for (const request of ['read 4', 'read 5']) enter(a, request);
    enter(a, 'write 6', false);
    enter(b, 'write', false);
    expect(events).toEqual(['start read 1', 'start read 2', 'pause a', 'start write']);
    lines.leave(a);
    expect(events.slice(4)).toEqual([]);
    lines.leave(a);
    expect(events.slice(4)).toEqual(['start write 3']);
    lines.leave(a);
    expect(events.slice(5)).toEqual(['start read 4', 'start read 5']);
    lines.leave(a);
    lines.leave(a);
    expect(events.slice(7)).toEqual(['resume a', 'start write 6']);
    expect(lines.waiting).toBe(0);
  });

  it('close the connection with the longest line when too many requests wait', () => {
    const { events, lines, enter, a, b } = setUp({ perConnection: 1, maxWaiting: 3 });
    for (const request of ['a1', 'a2', 'a3']) enter(a, request);
    enter(b, 'b1');
    enter(b, 'b2');
    enter(b, 'b3');
    expect(events.filter((event) => event.startsWith('close'))).toHaveLength(1);
    expect(lines.waiting).toBe(2);
  });

  it('start nothing of a connection that is gone', () => {
    const { events, lines, enter, a } = setUp({ perConnection: 1 });
    enter(a, 'a1');
    enter(a, 'a2');
    lines.drop(a);
    lines.leave(a);
    enter(a, 'a3');
    enter(a, 'a4');
    expect(events).toEqual(['start a1', 'pause a']);
    expect(lines.waiting).toBe(0);
  });
});
