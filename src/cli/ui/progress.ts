import { stderr } from 'node:process';

const BAR_WIDTH = 30;
const REDRAW_MS = 100;

export interface Progress {
  /** `done` of `total`; the total may be unknown (0). */
  update: (state: { done: number; total: number; text: string }) => void;
  /** Clears the line for a message; the bar comes back with the next update. */
  clear: () => void;
}

/** A bar on standard error while it is a terminal; nothing elsewhere, so that logs and pipes stay clean. */
export function createProgress(): Progress {
  let drawn = Number.NEGATIVE_INFINITY;
  const clear = (): void => {
    if (stderr.isTTY) stderr.write('\r\x1b[K');
  };
  return {
    clear,
    update: ({ done, total, text }) => {
      const now = performance.now();
      if (!stderr.isTTY || (now - drawn < REDRAW_MS && done < total)) return;
      drawn = now;
      clear();
      stderr.write(`${total > 0 ? `${bar(done / total)}  ` : ''}${text}`);
    },
  };
}

function bar(share: number): string {
  const full = Math.round(Math.min(share, 1) * BAR_WIDTH);
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${String(Math.floor(Math.min(share, 1) * 100)).padStart(3)} %`;
}
