import { pino } from 'pino';

const STANDARD_OUTPUT = 1;
/** Lines wait until there are so many bytes of them, or so long. */
const GATHER_BYTES = 16 * 1024;
const GATHER_MS = 100;
/** The longest write; more than what is gathered, as the writer wants it. */
const WRITE_BYTES = 64 * 1024;
/** What may wait while the output takes nothing; then lines are dropped. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/** Standard output for whole lines. Whoever reads it slowly, or a disk without room, never stops a request. */
export type LogOutput = ReturnType<typeof pino.destination>;

/** Opens it; `onDropped` learns, once there is room again, how many lines were lost meanwhile. */
export function openLogOutput({ onDropped }: { onDropped: (lines: number) => void }): LogOutput {
  const output = pino.destination({
    dest: STANDARD_OUTPUT,
    sync: false,
    minLength: GATHER_BYTES,
    maxWrite: WRITE_BYTES,
    periodicFlush: GATHER_MS,
    maxLength: MAX_WAITING_BYTES,
  });
  outliveFullDisk(output);
  gatherLines(output);
  reportDrops(output, onDropped);
  return output;
}

/** A write that fails is tried again with the next flush; at the end nobody waits for room, as the stream itself would for ever. */
function outliveFullDisk(output: LogOutput): void {
  let isRefused = false;
  output.on('error', () => {
    isRefused = true;
  });
  output.on('write', () => {
    isRefused = false;
  });
  const flushSync = output.flushSync.bind(output);
  output.flushSync = () => {
    if (!isRefused) flushSync();
  };
}

/** The stream itself measures, with each line, all that wait beside it: that was a third of what a line cost. */
function gatherLines(output: LogOutput): void {
  let lines = '';
  const write = output.write.bind(output);
  const release = (): void => {
    if (lines === '') return;
    const gathered = lines;
    lines = '';
    write(gathered);
  };
  output.write = (line) => {
    lines += line;
    if (lines.length >= GATHER_BYTES) release();
    return true;
  };
  const flush = output.flush.bind(output);
  output.flush = (done) => {
    release();
    flush(done);
  };
  const flushSync = output.flushSync.bind(output);
  output.flushSync = () => {
    release();
    flushSync();
  };
}

function reportDrops(output: LogOutput, onDropped: (lines: number) => void): void {
  let dropped = 0;
  output.on('drop', (lines: string) => {
    dropped += lines.split('\n').length - 1;
  });
  output.on('drain', () => {
    if (dropped === 0) return;
    const lines = dropped;
    dropped = 0;
    onDropped(lines);
  });
}
