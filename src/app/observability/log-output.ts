import { pino } from 'pino';

const STANDARD_OUTPUT = 1;
/** Lines are written together at this many bytes, or after this time. */
const GATHER_BYTES = 16 * 1024;
const GATHER_MS = 100;
/** The longest write; the writer requires more than the gathered bytes. */
const WRITE_BYTES = 64 * 1024;
/** Bytes that may wait for a blocked output; further lines are dropped. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/** Standard output for whole lines. A slow reader or a full disk never blocks a request. */
export type LogOutput = ReturnType<typeof pino.destination>;

/** Opens the output; `onDropped` is called with the number of lost lines when the output accepts lines again. */
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

/** A failed write is retried with the next flush; the end of the process does not wait for room, as the stream itself would. */
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

/** Gathers lines before the stream, which measures all waiting lines for each new one: that took a third of a line's time. */
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
